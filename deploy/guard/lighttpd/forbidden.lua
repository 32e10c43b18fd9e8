-- Shows a page to a person without the role; needs mod_magnet. Programs get the guard's JSON.
local request = lighty.r.req_header
local response = lighty.r.resp_header
local status = lighty.r.req_item["http_status"]
local mode = request["Sec-Fetch-Mode"] or ""

-- If USER_ID is set, the guard let the request pass, and the application refused it.
if status < 300 or lighty.r.req_env["USER_ID"] then
  return 0
end
response["Cache-Control"] = "no-store"
if status ~= 403 or request["Authorization"] or request["Authentication"] or (mode ~= "" and mode ~= "navigate")
   or not (request["Accept"] or ""):find("text/html", 1, true) then
  return 0
end

response["Content-Type"] = "text/html; charset=utf-8"
response["Content-Security-Policy"] = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
  .. "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
  .. "require-trusted-types-for 'script'; trusted-types 'none'"
response["X-Content-Type-Options"] = "nosniff"
response["X-Frame-Options"] = "DENY"
response["Referrer-Policy"] = "same-origin"
lighty.r.resp_body.set({ { filename = "/usr/share/user-api/www/index.html" } })
return 403
