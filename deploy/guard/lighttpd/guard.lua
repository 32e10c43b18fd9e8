-- Refuses what no client may send, and keeps the session from applications behind a guard; needs mod_magnet (Debian:
-- lighttpd-modules-lua). lighttpd runs this file twice: when the request arrives, and again after a guard.
local headers = lighty.r.req_header

-- Applications do not get the session: with it, they could use the API as the user. USER_ID is set after a guard let the
-- request pass, so these headers contained a token of user-api.
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

-- Only the guard may tell an application who the caller is. CGI turns every character that is no letter or digit into "_",
-- so X.User~Id becomes HTTP_X_USER_ID as well.
for name in pairs(headers) do
  if name:lower():gsub("%W", "_"):find("^x_user_") then
    headers[name] = ""
  end
end

-- Refuses addresses that applications may read in two ways. lighttpd decodes and resolves an address before it selects a
-- guard; an application that reads REQUEST_URI may understand another path.
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
-- Characters that are escaped twice, in more bytes than needed, or wrongly.
local decoded = path:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end)
if decoded:find("%%%x%x") or path:find("%%c[01]%%[89ab]") or path:find("%%e0%%[89]") or path:find("%%f0%%8")
   or path:gsub("%%%x%x", ""):find("%", 1, true) then
  return 400
end
-- Two slashes at the beginning, because some applications read a host name after them; parameters that are not at the end.
if slashed:find("^//") or slashed:find(";[^/]*/") then
  return 400
end
return 0
