-- http-request lua.user_api_guard customer=1, http-request lua.user_api_guard customer=1&roles=admin,writer: asks
-- user-api whether the request may pass. If so, the application gets the caller's identity, but not the session.
-- lua.user_api_connected and lua.user_api_roles admin,writer require no customer: users of all customers pass.
-- HAProxy continues after an error in this file, so it must deny every request without the variable txn.user_api_passed.

local guard = "http://127.0.0.1:5001/api/guard"
local asked = { "authorization", "authentication", "cookie", "accept", "sec-fetch-mode" }
local proof = { authorization = true, authentication = true }
local page_headers = {
  ["content-type"] = "text/html; charset=utf-8",
  ["content-security-policy"] = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    .. "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    .. "require-trusted-types-for 'script'; trusted-types 'none'",
  ["x-content-type-options"] = "nosniff",
  ["x-frame-options"] = "DENY",
  ["referrer-policy"] = "same-origin",
}
local told = { "x-user-id", "x-user-email", "x-user-name", "x-user-roles", "x-user-customer" }

-- Files are read once, at the start, before HAProxy drops its privileges.
local function read(name)
  local file = assert(io.open(name))
  local text = file:read("a")
  file:close()
  return text
end

-- The page for a person without the role, and the reference of the API.
local page = read("/usr/share/user-api/www/index.html")
local reference = read("/usr/share/user-api/www/docs/index.html")

-- {name: text} of the console: index.html, the files that it names, and the modules that these files name.
local folder = "/usr/share/user-api/www/console/"
local media_types = { html = "text/html; charset=utf-8", css = "text/css", js = "text/javascript", svg = "image/svg+xml" }
local console = {}

local function read_console(name)
  console[name] = read(folder .. name)
  for named in console[name]:gmatch("[\"'/]([%w_-]+%.%l+)[\"'?#]") do
    local file = not console[named] and media_types[named:match("%l+$")] and io.open(folder .. named)
    if file then
      file:close()
      read_console(named)
    end
  end
end

read_console("index.html")

local function first(headers, name)
  local values = headers[name]
  return values and (values[0] or values[1])
end

-- Cookies may come in several lines, which are one list (RFC 9113, section 8.2.3).
local function cookies_of(headers)
  local lines = headers["cookie"]
  return lines and table.concat(lines, "; ", lines[0] and 0 or 1)
end

-- nil if a header with credentials is there twice, because the application could read the other one.
local function question(txn)
  local headers, sent = txn.http:req_get_headers(), {}
  for _, name in ipairs(asked) do
    if proof[name] and headers[name] and headers[name][1] then
      return nil
    end
    local value = name == "cookie" and cookies_of(headers) or first(headers, name)
    if value then
      sent[name] = { value }
    end
  end
  sent["x-forwarded-uri"] = { txn.sf:pathq() }
  sent["x-forwarded-method"] = { txn.sf:method() }
  sent["x-forwarded-for"] = { txn.sf:src() }
  return sent
end

local function is_person(txn)
  local headers = txn.http:req_get_headers()
  local mode = first(headers, "sec-fetch-mode") or ""
  return (mode == "" or mode == "navigate") and not headers["authorization"] and not headers["authentication"]
    and (first(headers, "accept") or ""):find("text/html", 1, true)
end

local function refuse(txn, status, answer)
  local reply = txn:reply({ status = status })
  local login = answer and first(answer.headers, "x-login-location")
  if status == 401 and login then
    reply:set_status(302)
    reply:add_header("location", login)
  elseif status == 403 and is_person(txn) then
    for name, value in pairs(page_headers) do
      reply:add_header(name, value)
    end
    reply:set_body(page)
  elseif answer then
    local challenge = first(answer.headers, "www-authenticate")
    if challenge then
      reply:add_header("www-authenticate", challenge)
    end
    reply:add_header("content-type", "application/json")
    reply:set_body(answer.body or "")
  end
  reply:add_header("cache-control", "no-store")
  txn:done(reply)
end

-- Applications do not get the session: with it, they could use the API as the user. The guard let the request pass, so
-- these headers contained a token of user-api.
local function keep_session(txn)
  local cookies, kept = cookies_of(txn.http:req_get_headers()) or "", {}
  for cookie in cookies:gmatch("[^;]+") do
    if not cookie:find("^%s*user%-api%-credentials%s*=") then
      table.insert(kept, cookie)
    end
  end
  for _, name in ipairs({ "authorization", "authentication", "cookie" }) do
    txn.http:req_del_header(name)
  end
  if kept[1] then
    txn.http:req_set_header("cookie", (table.concat(kept, ";"):gsub("^%s+", "")))
  end
end

local function decide(txn, query)
  local sent = question(txn)
  if not sent then
    refuse(txn, 400)
    return
  end
  local asks, answer = pcall(function()
    return core.httpclient():get({ url = guard .. query, headers = sent, timeout = 5000 })
  end)
  if not asks or not answer or answer.status ~= 200 then
    local known = asks and answer and (answer.status == 401 or answer.status == 403)
    refuse(txn, known and answer.status or 503, known and answer or nil)
    return
  end
  for _, name in ipairs(told) do
    txn.http:req_set_header(name, first(answer.headers, name) or "")
  end
  keep_session(txn)
  txn:set_var("txn.user_api_passed", true)
end

core.register_action("user_api_guard", { "http-req" }, function(txn, query)
  decide(txn, "?" .. query)
end, 1)

core.register_action("user_api_connected", { "http-req" }, function(txn)
  decide(txn, "")
end, 0)

core.register_action("user_api_roles", { "http-req" }, function(txn, roles)
  decide(txn, "?roles=" .. roles)
end, 1)

-- This function exists because `http-request return` cannot send a file larger than HAProxy's buffer (16 KiB).
local function send(applet, status, media, text)
  applet:set_status(status)
  applet:add_header("content-type", media)
  applet:add_header("content-length", tostring(#text))
  applet:start_response()
  if applet.method ~= "HEAD" then
    applet:send(text)
  end
end

core.register_service("user_api_reference", "http", function(applet)
  send(applet, 200, media_types.html, reference)
end)

core.register_service("user_api_console", "http", function(applet)
  local name = applet.path:match("^/console/(.*)$")
  name = name == "" and "index.html" or name
  if console[name] then
    send(applet, 200, media_types[name:match("%l+$")], console[name])
  else
    send(applet, 404, "text/plain", "Not found.\n")
  end
end)
