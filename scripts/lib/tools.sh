# Sourced; bash. Where what npm installs for the tests is kept; in-root passes it on.

export USER_API_TOOLS=${USER_API_TOOLS:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/user-api/tools}
