"""clang-tidy as a Bazel aspect: with the flags of the build, in parallel, and cached like any action.

`--define=clang_tidy=PATH` names the program; tools/check/lint.sh installs it.
"""

def _flags(ctx, compilation):
    flags = list(ctx.fragments.cpp.cxxopts)
    flags += ["-D" + define for define in compilation.defines.to_list()]
    flags += ["-I" + path for path in compilation.includes.to_list()]
    for path in compilation.quote_includes.to_list():
        flags += ["-iquote", path]
    for path in compilation.system_includes.to_list():
        flags += ["-isystem", path]
    return flags

def _clang_tidy_impl(target, ctx):
    if target.label.workspace_name or CcInfo not in target:
        return []
    compilation = target[CcInfo].compilation_context
    sources = [
        file
        for source in getattr(ctx.rule.attr, "srcs", [])
        for file in source.files.to_list()
        if file.is_source and file.extension == "cc"
    ]
    stamps = []
    for source in sources:
        stamp = ctx.actions.declare_file("{}.{}.clang_tidy".format(source.basename, target.label.name))
        stamps.append(stamp)
        ctx.actions.run_shell(
            mnemonic = "ClangTidy",
            progress_message = "Linting " + source.short_path,
            inputs = depset(
                [source, ctx.file._config] + [
                    file
                    for other in getattr(ctx.rule.attr, "srcs", [])
                    for file in other.files.to_list()
                    if file.extension == "h"
                ],
                transitive = [compilation.headers],
            ),
            outputs = [stamp],
            # It counts the warnings that it suppresses on stderr, so its output matters only if it fails.
            command = 'stamp=$1; shift; tidy=$1; shift; output=$("$tidy" "$@" 2>&1) || { echo "$output"; exit 1; }; touch "$stamp"',
            arguments = [
                stamp.path,
                ctx.var.get("clang_tidy", "clang-tidy"),
                "--quiet",
                "--config-file=" + ctx.file._config.path,
                source.path,
                "--",
                # A template of RapidJSON 1.1.0 that is never instantiated is ill-formed to clang 19 and later.
                "-fdelayed-template-parsing",
                "-Wno-deprecated",
            ] + _flags(ctx, compilation),
        )
    return [OutputGroupInfo(clang_tidy = depset(stamps))]

clang_tidy = aspect(
    implementation = _clang_tidy_impl,
    attrs = {"_config": attr.label(default = "//:.clang-tidy", allow_single_file = True)},
    fragments = ["cpp"],
)
