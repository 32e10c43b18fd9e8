-- What no client may do on the site; needs mod_magnet (Debian: lighttpd-modules-lua).
local request = lighty.r.req_attr
local headers = lighty.r.req_header

-- Nobody tells an application who they are but the guard. CGI makes "_" of whatever is no letter or digit, so that
-- X.User~Id becomes HTTP_X_USER_ID as well.
for name in pairs(headers) do
  if name:lower():gsub("%W", "_"):find("^x_user_") then
    headers[name] = ""
  end
end

-- A path with "." or ".." among its segments, however they are spelled, is refused. lighttpd resolves them before it
-- looks for a guard; an application that reads REQUEST_URI, or takes "..;" for "..", may find another place in the same
-- address. Browsers resolve them before they ask.
local path = request["request.orig-uri"]:match("^[^?#]*"):lower()
repeat
  local before = path
  path = before:gsub("%%25", "%%"):gsub("%%2e", "."):gsub("%%2f", "/"):gsub("%%5c", "/"):gsub("%%3b", ";")
until path == before
for segment in path:gsub("\\", "/"):gmatch("[^/]+") do
  if segment:match("^%.%.?$") or segment:match("^%.%.?;") then
    return 400
  end
end
return 0
