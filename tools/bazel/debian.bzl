"""Debian's libraries as Bazel repositories.

Each is found by a file it installs. Where one is missing, the build stops with the command that
installs the packages of this release of Debian.
"""

# repository -> the Debian package by its name in Debian 12, the file that shows it is there, and what links it.
# `pkg_config` adds the flags that the package's own .pc file names; gRPC's lists the Abseil
# libraries that must be named at link time. {multiarch} is the folder of the compiler's target.
_LIBRARIES = {
    "absl": struct(
        package = "libabsl-dev",
        probe = "/usr/include/absl/status/statusor.h",
        pkg_config = "absl_statusor absl_strings absl_str_format absl_time absl_cord absl_flat_hash_map absl_synchronization",
    ),
    "benchmark": struct(
        package = "libbenchmark-dev",
        probe = "/usr/include/benchmark/benchmark.h",
        links = ["-lbenchmark", "-lpthread"],
    ),
    "boost": struct(
        package = "libboost1.81-dev",
        probe = "/usr/include/boost/beast/version.hpp",
        # Asio's and Beast's own code, compiled once here instead of in each file that includes them.
        source = """#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
""",
        defines = [
            "BOOST_ASIO_SEPARATE_COMPILATION",
            "BOOST_BEAST_SEPARATE_COMPILATION",
            "BOOST_ASIO_NO_DEPRECATED",
            # Nothing here is aligned beyond what operator new does; and glibc has a cache for that.
            "BOOST_ASIO_DISABLE_BOOST_ALIGN",
            "BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC",
        ],
        links = ["-lssl", "-lcrypto", "-lpthread"],
    ),
    "boost_json": struct(
        package = "libboost-json1.81-dev",
        probe = "/usr/lib/{multiarch}/libboost_json.so",
        links = ["-lboost_json", "-lboost_container"],
    ),
    "cli11": struct(
        package = "libcli11-dev",
        probe = "/usr/include/CLI/CLI.hpp",
    ),
    "googletest": struct(
        package = "libgmock-dev",
        probe = "/usr/include/gmock/gmock.h",
        links = ["-lgmock", "-lgtest", "-lpthread"],
    ),
    "googletest_main": struct(
        package = "libgmock-dev",
        probe = "/usr/lib/{multiarch}/libgmock_main.a",
        links = ["-lgmock_main", "-lgmock", "-lgtest", "-lpthread"],
    ),
    "grpc": struct(
        package = "libgrpc++-dev",
        probe = "/usr/include/grpcpp/grpcpp.h",
        links = ["-lgrpc++", "-lgrpc", "-lgpr", "-lprotobuf", "-lpthread"],
        # From 22 on, protobuf's .pc file names Abseil libraries that gRPC's does not.
        pkg_config = "grpc++ protobuf",
    ),
    "grpcpp_channelz": struct(
        package = "libgrpc++-dev",
        probe = "/usr/include/grpcpp/ext/channelz_service_plugin.h",
        links = ["-lgrpcpp_channelz", "-lgrpc++"],
    ),
    "nghttp2": struct(
        package = "libnghttp2-dev",
        probe = "/usr/include/nghttp2/nghttp2.h",
        links = ["-lnghttp2"],
    ),
    "openssl": struct(
        package = "libssl-dev",
        probe = "/usr/include/openssl/ssl.h",
        links = ["-lssl", "-lcrypto"],
    ),
    "prometheus_cpp": struct(
        package = "prometheus-cpp-dev",
        probe = "/usr/include/prometheus/registry.h",
        links = ["-lprometheus-cpp-core"],
    ),
    "protobuf": struct(
        package = "libprotobuf-dev",
        probe = "/usr/include/google/protobuf/message.h",
        links = ["-lprotobuf", "-lpthread"],
        pkg_config = "protobuf",
    ),
    "rapidjson": struct(
        package = "rapidjson-dev",
        probe = "/usr/include/rapidjson/reader.h",
    ),
    "spdlog": struct(
        package = "libspdlog-dev",
        probe = "/usr/include/spdlog/spdlog.h",
        defines = ["SPDLOG_COMPILED_LIB", "SPDLOG_SHARED_LIB", "SPDLOG_FMT_EXTERNAL"],
        links = ["-lspdlog", "-lfmt"],
    ),
    "valgrind": struct(
        package = "valgrind",
        probe = "/usr/include/valgrind/callgrind.h",
    ),
    "yaml_cpp": struct(
        package = "libyaml-cpp-dev",
        probe = "/usr/include/yaml-cpp/yaml.h",
        links = ["-lyaml-cpp"],
    ),
}

# Another package of Debian ships these too, but from before google.rpc.ErrorInfo.
_GOOGLEAPIS = "/usr/share/gocode/src/github.com/gogo/googleapis"

def _require(ctx, probe, package):
    if not ctx.path(probe).exists:
        fail("\n\n{}, of the package {}, is missing. Mend it with:\n\n    tools/setup/install.sh check\n".format(probe, package))

def _multiarch(ctx):
    """Returns what Debian calls the compiler's target in paths, for example x86_64-linux-gnu."""
    compiler = ctx.os.environ.get("CC", "gcc")
    found = ctx.execute([compiler, "-dumpmachine"])
    if found.return_code != 0:
        fail("\n\n{} does not name its target. Mend it with:\n\n    tools/setup/install.sh check\n".format(compiler))

    # clang adds the vendor, which Debian's paths do not have.
    return found.stdout.strip().replace("-pc-", "-").replace("-unknown-", "-")

def _pkg_config_links(ctx, names, multiarch):
    # A native pkg-config would look into the folder of its own target.
    folders = "/usr/lib/{}/pkgconfig:/usr/share/pkgconfig".format(multiarch)
    found = ctx.execute(["pkg-config", "--libs"] + names.split(" "), environment = {"PKG_CONFIG_LIBDIR": folders})
    if found.return_code != 0:
        fail("\n\npkg-config does not know {}. Mend it with:\n\n    sudo apt-get install pkg-config\n".format(names))
    links = []
    for flag in found.stdout.strip().split(" "):
        if flag.startswith("-labsl_") and flag not in links:
            links.append(flag)
    return links

def _debian_library_impl(ctx):
    multiarch = _multiarch(ctx)
    _require(ctx, ctx.attr.probe.format(multiarch = multiarch), ctx.attr.package)
    links = ctx.attr.links + (_pkg_config_links(ctx, ctx.attr.pkg_config, multiarch) if ctx.attr.pkg_config else [])
    srcs = []
    if ctx.attr.source:
        ctx.file("source.cc", ctx.attr.source)
        srcs = ["source.cc"]
    ctx.file("BUILD.bazel", """cc_library(
    name = "{name}",
    srcs = {srcs},
    copts = ["-w"],
    defines = {defines},
    linkopts = {links},
    visibility = ["//visibility:public"],
)
""".format(name = ctx.name, srcs = repr(srcs), defines = repr(ctx.attr.defines), links = repr(links)))

_debian_library = repository_rule(
    implementation = _debian_library_impl,
    attrs = {
        "package": attr.string(mandatory = True),
        "probe": attr.string(mandatory = True),
        "defines": attr.string_list(),
        "links": attr.string_list(),
        "pkg_config": attr.string(),
        "source": attr.string(),
    },
    environ = ["CC"],
    local = True,
)

def _googleapis_impl(ctx):
    _require(ctx, _GOOGLEAPIS + "/google/rpc/error_details.proto", "golang-github-gogo-googleapis-dev")
    _require(ctx, "/usr/bin/protoc", "protobuf-compiler")
    _require(ctx, "/usr/bin/grpc_cpp_plugin", "protobuf-compiler-grpc")
    ctx.symlink(_GOOGLEAPIS + "/google", "google")
    ctx.file("BUILD.bazel", """load("@docspace_apikeys_gateway//tools/bazel:protobuf.bzl", "cc_protobuf_library")

filegroup(
    name = "protos",
    srcs = glob([
        "google/api/annotations.proto",
        "google/api/http.proto",
        "google/rpc/*.proto",
    ]),
    visibility = ["//visibility:public"],
)

cc_protobuf_library(
    name = "google_api",
    srcs = [
        "google/api/annotations.proto",
        "google/api/http.proto",
    ],
    visibility = ["//visibility:public"],
)

cc_protobuf_library(
    name = "google_rpc",
    srcs = [
        "google/rpc/code.proto",
        "google/rpc/error_details.proto",
        "google/rpc/status.proto",
    ],
    visibility = ["//visibility:public"],
)
""")

_googleapis = repository_rule(implementation = _googleapis_impl, local = True)

_GRPC_GO = "/usr/share/gocode/src/google.golang.org/grpc"

_GRPC_PROTO = "debian/missing-sources/grpc/grpc-proto/master/"

# Each proto that the build uses -> the places where a release of Debian's package has it.
_GRPC_PROTOS = {
    "grpc/health/v1/health.proto": [_GRPC_PROTO + "grpc/health/v1/health.proto"],
    "grpc/reflection/v1alpha/reflection.proto": [
        # Debian 13 and later.
        _GRPC_PROTO + "grpc/reflection/v1alpha/reflection.proto",
        # Debian 12.
        "reflection/grpc_reflection_v1alpha/reflection.proto",
    ],
}

def _grpc_protos_impl(ctx):
    for name, places in _GRPC_PROTOS.items():
        there = [place for place in places if ctx.path(_GRPC_GO + "/" + place).exists] or places
        _require(ctx, _GRPC_GO + "/" + there[0], "golang-google-grpc-dev")
        ctx.symlink(_GRPC_GO + "/" + there[0], name)
    ctx.file("BUILD.bazel", """load("@docspace_apikeys_gateway//tools/bazel:protobuf.bzl", "cc_protobuf_library")

cc_protobuf_library(
    name = "health",
    srcs = ["grpc/health/v1/health.proto"],
    grpc = True,
    visibility = ["//visibility:public"],
)

cc_protobuf_library(
    name = "reflection",
    srcs = ["grpc/reflection/v1alpha/reflection.proto"],
    grpc = True,
    visibility = ["//visibility:public"],
)
""")

_grpc_protos = repository_rule(implementation = _grpc_protos_impl, local = True)

def debian_libraries():
    """Declares one repository per library, `googleapis` for google/api and google/rpc, and
    `grpc_protos` for the services that every gRPC server has."""
    for name, library in _LIBRARIES.items():
        _debian_library(
            name = name,
            package = library.package,
            probe = library.probe,
            defines = getattr(library, "defines", []),
            links = getattr(library, "links", []),
            pkg_config = getattr(library, "pkg_config", ""),
            source = getattr(library, "source", ""),
        )
    _googleapis(name = "googleapis")
    _grpc_protos(name = "grpc_protos")
