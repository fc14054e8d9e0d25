"""Tests that take the headers of large libraries from a precompiled header.

Most of what g++ does for a test is to read and instantiate GoogleTest, gRPC, Asio and the fixture of the
gateway. Each test here is compiled with `-include` of a header that g++ has compiled once, with the same
flags. Such a header takes 3 to 17 s and saves each test that uses it 0.5 to 4 s.

What is released is compiled without: its files get only what they include. No test may rely on a header
that it does not include either; stage `coverage` of test.sh compiles tests by clang, which has none of
these headers (`--define=precompiled_headers=off`).
"""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "CPP_COMPILE_ACTION_NAME")
load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

def _precompiled_header_impl(ctx):
    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    dependencies = cc_common.merge_cc_infos(cc_infos = [dep[CcInfo] for dep in ctx.attr.deps])
    compilation = dependencies.compilation_context
    header = ctx.actions.declare_file(ctx.label.name + ".h")
    precompiled = ctx.actions.declare_file(ctx.label.name + ".h.gch")
    ctx.actions.expand_template(template = ctx.file.header, output = header, substitutions = {})
    flags = cc_common.get_memory_inefficient_command_line(
        feature_configuration = features,
        action_name = CPP_COMPILE_ACTION_NAME,
        variables = cc_common.create_compile_variables(
            feature_configuration = features,
            cc_toolchain = toolchain,
            user_compile_flags = ctx.fragments.cpp.copts + ctx.fragments.cpp.cxxopts + ctx.attr.copts,
            quote_include_directories = depset([".", ctx.bin_dir.path], transitive = [compilation.quote_includes]),
            include_directories = compilation.includes,
            system_include_directories = compilation.system_includes,
            preprocessor_defines = compilation.defines,
            use_pic = True,
        ),
    )
    ctx.actions.run(
        mnemonic = "PrecompileHeader",
        progress_message = "Precompiling " + ctx.file.header.short_path,
        executable = cc_common.get_tool_for_action(
            feature_configuration = features,
            action_name = CPP_COMPILE_ACTION_NAME,
        ),
        arguments = flags + ["-x", "c++-header", header.path, "-o", precompiled.path],
        env = {"PATH": "/usr/bin:/bin"},
        inputs = depset([header], transitive = [compilation.headers, toolchain.all_files]),
        outputs = [precompiled],
    )
    own = CcInfo(compilation_context = cc_common.create_compilation_context(
        headers = depset([header, precompiled]),
    ))
    return [cc_common.merge_cc_infos(cc_infos = [own, dependencies])]

precompiled_header = rule(
    doc = "Compiles a header for `-include`; a target that depends on it must be compiled with the same flags.",
    implementation = _precompiled_header_impl,
    attrs = {
        "header": attr.label(mandatory = True, allow_single_file = [".h"]),
        "deps": attr.label_list(providers = [CcInfo], doc = "What the header includes."),
        "copts": attr.string_list(doc = "Those of the targets that include it."),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)

# To compile a test takes longer than to run it, and without optimisation it takes a third less.
TEST_COPTS = ["-O0", "-U_FORTIFY_SOURCE"]

def _with_header(rule, copts, deps, precompiled, kwargs):
    header = ["-include", "tests/precompiled/{}.h".format(precompiled), "-Winvalid-pch"]
    rule(
        copts = TEST_COPTS + copts + select({
            "//tools/bazel:without_precompiled_headers": [],
            "//conditions:default": header,
        }),
        deps = deps + select({
            "//tools/bazel:without_precompiled_headers": [],
            "//conditions:default": ["//tests/precompiled:" + precompiled],
        }),
        **kwargs
    )

def cc_library(copts = [], deps = [], precompiled = None, **kwargs):
    """Declares a library of tests that is compiled without optimisation.

    Args:
      copts: as usual.
      deps: as usual.
      precompiled: None, or as in cc_test.
      **kwargs: as usual.
    """
    if precompiled:
        _with_header(native.cc_library, copts, deps, precompiled, kwargs)
    else:
        native.cc_library(copts = TEST_COPTS + copts, deps = deps, **kwargs)

def cc_test(copts = [], deps = [], precompiled = "googletest", **kwargs):
    """Declares a test that is compiled without optimisation and with a precompiled header.

    Args:
      copts: as usual.
      deps: as usual.
      precompiled: a target of //tests/precompiled. "asio" and "gateway" depend on what they hold, so a
        test should name one of them only if it depends on those libraries anyway.
      **kwargs: as usual.
    """
    _with_header(native.cc_test, copts, deps, precompiled, kwargs)
