"""A fuzz target: a libFuzzer binary, and an ordinary test that replays its corpus."""

def fuzz_target(name, deps):
    """Declares `name`, for tools/check/fuzz.sh only, and `name`_replay_test.

    Args:
      name: of the source, which defines LLVMFuzzerTestOneInput, and of the folder in corpus/.
      deps: what the source includes.
    """
    native.cc_library(
        name = name + "_entry",
        testonly = True,
        srcs = [name + ".cc"],
        alwayslink = True,
        deps = deps + [
            ":input",
            ":require",
        ],
    )
    native.cc_binary(
        name = name,
        testonly = True,
        # Only clang supports it: see tools/check/fuzz.sh.
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],
        deps = [":" + name + "_entry"],
    )
    native.cc_test(
        name = name + "_replay_test",
        size = "small",
        srcs = ["replay_main.cc"],
        tags = ["single-threaded"],
        args = ["{}/corpus/{}".format(native.package_name(), name)],
        data = native.glob(["corpus/{}/**".format(name)]),
        deps = [
            ":{}_entry".format(name),
            "@googletest",
        ],
    )
