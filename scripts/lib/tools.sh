# Sourced; bash. The folder of the tools that npm installs for the tests; in-root mounts it.

export USER_API_TOOLS=${USER_API_TOOLS:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/user-api/tools}
