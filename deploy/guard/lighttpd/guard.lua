-- What no client may do on the site, and what no application behind the guard gets; needs mod_magnet (Debian:
-- lighttpd-modules-lua). lighttpd runs this twice: for the request as it came, and once more after a guard.
local headers = lighty.r.req_header

-- The session stays here: an application that had it could act as its user at the API. USER_ID is there once a guard
-- has let the request in, so these headers held a token of user-api.
if lighty.r.req_env["USER_ID"] then
  headers["Authorization"] = ""
  headers["Authentication"] = ""
  local kept = {}
  for cookie in (headers["Cookie"] or ""):gmatch("[^;]+") do
    if not cookie:find("^%s*user%-api%-credentials%s*=") then
      table.insert(kept, cookie)
    end
  end
  headers["Cookie"] = table.concat(kept, ";"):gsub("^%s+", "")
  return 0
end

-- Nobody tells an application who they are but the guard. CGI makes "_" of whatever is no letter or digit, so that
-- X.User~Id becomes HTTP_X_USER_ID as well.
for name in pairs(headers) do
  if name:lower():gsub("%W", "_"):find("^x_user_") then
    headers[name] = ""
  end
end

-- What applications read in two ways is refused. lighttpd decodes and resolves an address before it looks for a guard;
-- an application that reads REQUEST_URI may find another place in it.
local path = lighty.r.req_attr["request.orig-uri"]:match("^[^?]*"):lower()
local slashed = path:gsub("%%2f", "/")

-- A segment "." or "..", however it is written: "/admin/../public/x", and "/public/..;/admin/x" where Tomcat is.
for segment in slashed:gsub("%%2e", "."):gsub("%%20", ""):gmatch("[^/]+") do
  if segment:find("^%.%.?$") or segment:find("^%.%.?;") or segment:find("^%.%.?%%3[bf]") or segment:find("^%.%.?%%23") then
    return 400
  end
end
-- A backslash, a control character, a fragment.
if path:find("[\\#%c]") or path:find("%%5c") or path:find("%%[01]%x") or path:find("%%7f") then
  return 400
end
-- What is escaped twice, in more bytes than it needs, or wrongly.
local decoded = path:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end)
if decoded:find("%%%x%x") or path:find("%%c[01]%%[89ab]") or path:find("%%e0%%[89]") or path:find("%%f0%%8")
   or path:gsub("%%%x%x", ""):find("%", 1, true) then
  return 400
end
-- Two slashes at the beginning, which some read as a host's name; parameters that are not at the end.
if slashed:find("^//") or slashed:find(";[^/]*/") then
  return 400
end
return 0
