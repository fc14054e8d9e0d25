"""C++ from .proto files, by Debian's protoc and gRPC plugin."""

def cc_protobuf_library(name, srcs, grpc = False, root = "", imports = [], deps = [], visibility = None):
    """Generates and compiles C++ for `srcs`.

    Args:
      name: the cc_library.
      srcs: .proto files, by paths below `root`.
      grpc: whether to generate gRPC service stubs too.
      root: the import root of `srcs` inside this package; "" is the package's own folder.
      imports: filegroups of .proto files that `srcs` import, from other repositories.
      deps: the C++ libraries of those.
      visibility: as usual.
    """
    stems = [src[:-len(".proto")] for src in srcs]
    headers = [stem + ".pb.h" for stem in stems]
    sources = [stem + ".pb.cc" for stem in stems]
    plugin = ""
    if grpc:
        headers += [stem + ".grpc.pb.h" for stem in stems]
        sources += [stem + ".grpc.pb.cc" for stem in stems]
        plugin = "--plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin --grpc_out=generate_mock_code=false:$(RULEDIR)"
    package = native.package_name()
    repository = native.repository_name().replace("@", "")
    origin = "/".join([part for part in ["external/" + repository if repository else "", package, root] if part]) or "."
    native.genrule(
        name = name + "_generated",
        srcs = srcs + imports,
        outs = headers + sources,
        cmd = " ".join([
            "protoc",
            "--experimental_allow_proto3_optional",
            "-I" + origin,
            "-Iexternal/googleapis" if imports else "",
            "--cpp_out=$(RULEDIR)",
            plugin,
        ] + srcs),
    )
    native.cc_library(
        name = name,
        srcs = sources,
        hdrs = headers,
        copts = ["-w"],
        includes = ["."],
        visibility = visibility,
        deps = deps + ["@grpc" if grpc else "@protobuf"],
    )

def proto_descriptor_set(name, srcs, imports = [], visibility = None):
    """A binary FileDescriptorSet of `srcs` with what they import, source comments included."""
    native.genrule(
        name = name,
        srcs = srcs + imports,
        outs = [name + ".binpb"],
        cmd = "protoc --include_imports --include_source_info -I{} -Iexternal/googleapis --descriptor_set_out=$@ {}".format(
            native.package_name(),
            " ".join(srcs),
        ),
        visibility = visibility,
    )
