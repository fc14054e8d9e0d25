"""The Bazels that this workspace is made for."""

def require_known_bazel():
    """Stops the build in another major version than Debian's packages have.

    Debian 12 and 13 have Bazel 4; the release after them has Bazel 7.
    """
    version = native.bazel_version  # It is empty in Debian's Bazel 4.
    if version and version.split(".")[0] not in ["4", "7"]:
        fail("\n\nThis needs Bazel 4 or 7, but is run by Bazel {}. Mend it with:\n\n    sudo apt-get install bazel-bootstrap\n".format(version))
