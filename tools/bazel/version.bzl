"""The Bazel that this workspace is made for."""

def require_bazel_4():
    """Stops the build in another major version, which would not know Debian's rules."""
    version = native.bazel_version  # Empty in Debian's.
    if version and not version.startswith("4."):
        fail("\n\nThis needs Bazel 4, but is run by Bazel {}. Mend it with:\n\n    sudo apt-get install bazel-bootstrap\n".format(version))
