-- Runs inside the Lua guest before anything else; answers the function that carries out a run. What it uses it has taken
-- before, so that sources which replace globals harm only themselves.
local io, os, string, table, math, debug, utf8 = io, os, string, table, math, debug, utf8
local type, tostring, pairs, next, load, xpcall, error, pcall = type, tostring, pairs, next, load, xpcall, error, pcall
local collectgarbage = collectgarbage
local select, setmetatable, rawequal, tonumber = select, setmetatable, rawequal, tonumber
local format, gsub, sub, byte, find, match, char = string.format, string.gsub, string.sub, string.byte, string.find, string.match, string.char
local concat, sort, pack, unpack, mathtype = table.concat, table.sort, table.pack, table.unpack, math.type
local open, traceback, stdout, real_exit = io.open, debug.traceback, io.stdout, os.exit

local MAX_DEPTH = 200
local null = setmetatable({}, { __tostring = function() return "null" end, __name = "null" })

-- JSON ------------------------------------------------------------------------------------------------------------------

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function quote(text)
  return '"' .. gsub(text, '[%c"\\\127]', function(c) return ESCAPES[c] or format("\\u%04x", byte(c)) end) .. '"'
end

local BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(text)
  local out = {}
  for at = 1, #text, 3 do
    local a, b, c = byte(text, at, at + 2)
    local n = a << 16 | (b or 0) << 8 | (c or 0)
    for shift = 18, 0, -6 do
      local digit = n >> shift & 63
      out[#out + 1] = sub(BASE64, digit + 1, digit + 1)
    end
    if not b then out[#out - 1] = "=" end
    if not c then out[#out] = "=" end
  end
  return concat(out)
end

local function number(value, tagged)
  if mathtype(value) == "integer" then
    if value >= -9007199254740991 and value <= 9007199254740991 then return format("%d", value) end
    return tagged and format('{"i":"%d"}', value) or format("%d", value)
  end
  if value ~= value then return tagged and '{"n":"NaN"}' or "null" end
  if value == math.huge then return tagged and '{"n":"Infinity"}' or "null" end
  if value == -math.huge then return tagged and '{"n":"-Infinity"}' or "null" end
  if value == 0 and 1 / value < 0 then return tagged and '{"n":"-0"}' or "0" end
  return (gsub(format("%.17g", value), ",", "."))
end

-- The length of a table that holds 1 to n and nothing else; nil for another.
local function sequence(value)
  local count = 0
  for _ in next, value do count = count + 1 end
  for index = 1, count do
    if rawget(value, index) == nil then return nil end
  end
  return count
end

-- `tagged`: by the grammar of a run's value; else plain JSON, for the arguments of tools.
local encode

local function encode_table(value, tagged, depth)
  if depth > MAX_DEPTH then error("a value nests deeper than " .. MAX_DEPTH .. " levels, or holds itself", 0) end
  local length = sequence(value)
  local out = {}
  if length and (length > 0 or tagged) then
    for index = 1, length do out[index] = encode(rawget(value, index), tagged, depth) end
    return "[" .. concat(out, ",") .. "]"
  end
  local names, named = {}, true
  for key in next, value do
    if type(key) == "string" and utf8.len(key) then names[#names + 1] = key else named = false end
  end
  if named then
    -- In an order of its own: that of the table hangs on addresses.
    sort(names)
    for index, name in ipairs(names) do
      out[index] = quote(name) .. (tagged and "," or ":") .. encode(rawget(value, name), tagged, depth)
    end
    return (tagged and '{"o":[' or "{") .. concat(out, ",") .. (tagged and "]}" or "}")
  end
  if not tagged then error("the keys of an argument must be strings", 0) end
  for key, item in next, value do
    out[#out + 1] = encode(key, tagged, depth) .. "," .. encode(item, tagged, depth)
  end
  return '{"m":[' .. concat(out, ",") .. "]}"
end

encode = function(value, tagged, depth)
  local kind = type(value)
  if value == nil or rawequal(value, null) then return "null" end
  if kind == "boolean" then return tostring(value) end
  if kind == "number" then return number(value, tagged) end
  if kind == "table" then return encode_table(value, tagged, depth + 1) end
  if kind == "string" then
    if utf8.len(value) then return quote(value) end
    if not tagged then error("a string of an argument is not UTF-8", 0) end
    return '{"b":"' .. base64(value) .. '"}'
  end
  if not tagged then error("a " .. kind .. " cannot be an argument", 0) end
  return '{"x":[' .. quote(kind) .. "," .. quote(kind) .. "]}"
end

local UNESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function decode_string(text, at)
  local out, from = {}, at + 1
  while true do
    local stop = find(text, '["\\]', from)
    if not stop then error("a text does not end", 0) end
    out[#out + 1] = sub(text, from, stop - 1)
    if byte(text, stop) == 34 then return concat(out), stop + 1 end
    local escape = sub(text, stop + 1, stop + 1)
    from = stop + 2
    if escape == "u" then
      local code = tonumber(sub(text, from, from + 3), 16)
      from = from + 4
      if code >= 0xD800 and code < 0xDC00 and sub(text, from, from + 1) == "\\u" then
        local low = tonumber(sub(text, from + 2, from + 5), 16)
        if low and low >= 0xDC00 and low < 0xE000 then
          code, from = 0x10000 + (code - 0xD800) * 0x400 + low - 0xDC00, from + 6
        end
      end
      out[#out + 1] = utf8.char(code)
    else
      out[#out + 1] = UNESCAPES[escape]
    end
  end
end

local decode_value

local function decode_list(text, at)
  local out, count = {}, 0
  at = find(text, "%S", at + 1)
  if byte(text, at) == 93 then return out, at + 1 end
  while true do
    local item
    item, at = decode_value(text, at)
    count = count + 1
    -- A hole would end the sequence.
    out[count] = item == nil and null or item
    at = find(text, "%S", at)
    if byte(text, at) == 93 then return out, at + 1 end
    at = at + 1
  end
end

local function decode_object(text, at)
  local out = {}
  at = find(text, "%S", at + 1)
  if byte(text, at) == 125 then return out, at + 1 end
  while true do
    local name
    name, at = decode_string(text, find(text, "%S", at))
    out[name], at = decode_value(text, find(text, ":", at, true) + 1)
    at = find(text, "%S", at)
    if byte(text, at) == 125 then return out, at + 1 end
    at = at + 1
  end
end

local WORDS = { t = { true, 4 }, f = { false, 5 }, n = { nil, 4 } }

decode_value = function(text, at)
  at = find(text, "%S", at)
  local first = sub(text, at, at)
  if first == '"' then return decode_string(text, at) end
  if first == "[" then return decode_list(text, at) end
  if first == "{" then return decode_object(text, at) end
  local word = WORDS[first]
  if word then return word[1], at + word[2] end
  local digits = match(text, "^-?[%d.eE+-]+", at)
  return tonumber(digits), at + #digits
end

local function decode(text)
  return (decode_value(text, 1))
end

-- The host file ---------------------------------------------------------------------------------------------------------

local function say(line)
  local file = open("/dev/wardian", "w")
  file:setvbuf("full", 65536)
  local ok, why = file:write(line, "\n")
  file:close()
  return ok, why
end

local function hear()
  local file = open("/dev/wardian", "r")
  local line = file:read("l")
  file:close()
  return line
end

local result

local wardian = { null = null }

--- Calls a tool of the host's: `wardian.tool("search", { query = "x" })`. An error of the tool is an error here.
function wardian.tool(name, arguments)
  if type(name) ~= "string" or find(name, "%s") then error("the name of a tool is a string without spaces", 2) end
  if arguments ~= nil and type(arguments) ~= "table" then error("the arguments of a tool are a table", 2) end
  local ok, json = pcall(encode, arguments or {}, false, 0)
  if not ok then error("Cannot call the tool " .. name .. ": " .. tostring(json), 2) end
  say("tool " .. name .. " " .. json)
  local reply = hear()
  if not reply then error("Cannot call the tool " .. name .. ": the host does not answer", 2) end
  if sub(reply, 1, 1) ~= "e" then return decode(reply) end
  local failure = decode(sub(reply, 2))
  error(setmetatable({ name = failure[1], message = failure[2] }, {
    __tostring = function(self) return self.name .. ": " .. self.message end,
    __name = "ToolError",
  }), 2)
end

--- Makes a value that of the run, in place of what the source returns.
function wardian.result(value)
  result = pack(value)
end

wardian.tools = setmetatable({}, {
  __index = function(_, name)
    return function(arguments) return wardian.tool(name, arguments) end
  end,
})

_G.wardian = wardian
package.loaded.wardian = wardian
-- Relative to the root, where every path of the guest starts.
package.path, package.cpath = "./?.lua;./?/init.lua", ""

local environment = {}
function os.getenv(name) return environment[name] end

function os.exit(code)
  if code == nil or code == true then code = 0 elseif code == false then code = 1 end
  stdout:flush()
  say("exit " .. format("%d", code))
  real_exit(code)
end

-- Runs ------------------------------------------------------------------------------------------------------------------

local function failure(value, trace, filename)
  local name, message = "Error", value
  if type(value) == "table" then
    if type(value.name) == "string" then name = value.name end
    message = value.message ~= nil and value.message or tostring(value)
  end
  message = tostring(message)
  if message == "not enough memory" then name = "MemoryError" end
  local line = match(message, ":(%d+): ")
  local own = gsub(filename, "%p", "%%%0")
  local at = match(message, "^" .. own .. ":(%d+): ") or match(trace, own .. ":(%d+):") or line
  -- The frames of this file are nobody's business.
  local cut = find(trace, "\n\t%[C%]: in function 'xpcall'") or #trace + 1
  trace = gsub(sub(trace, 1, cut - 1), "\n\t%[wardian%][^\n]*", "")
  return "error " .. '{"name":' .. quote(name) .. ',"message":' .. quote(message) .. ',"traceback":'
    .. quote(trace .. "\n") .. (at and ',"line":' .. at or "") .. "}"
end

local function handler(value)
  local text = value
  if type(value) == "table" and value.message ~= nil then
    text = tostring(value.name or "Error") .. ": " .. tostring(value.message)
  end
  if type(text) ~= "string" then text = tostring(text) end
  return { value = value, trace = traceback(text, 2) }
end

local function tell_value(values)
  local ok, json
  if values.n > 1 then
    ok, json = pcall(function()
      local out = {}
      for index = 1, values.n do out[index] = encode(values[index], true, 1) end
      return '{"t":[' .. concat(out, ",") .. "]}"
    end)
  elseif values.n == 0 or values[1] == nil then
    ok, json = true, '{"u":1}'
  else
    ok, json = pcall(encode, values[1], true, 0)
  end
  if ok then say("value " .. json) else say(failure({ name = "ValueError", message = json }, json, "")) end
end

return function()
  local request = decode(hear())
  if request.env then environment = request.env end
  if request.seed then math.randomseed(request.seed) end
  result = nil
  _G.arg = { [0] = request.filename, unpack(request.args) }
  local name = "@" .. request.filename
  local source = gsub(request.source, "^#[^\n]*", "")
  -- An expression alone has its value, as at Lua's own prompt.
  local chunk = load("return " .. source, name, "t")
  local why
  if not chunk then chunk, why = load(source, name, "t") end
  if not chunk then
    say(failure({ name = "SyntaxError", message = why }, why, request.filename))
    return
  end
  local values = pack(xpcall(chunk, handler, unpack(request.args)))
  stdout:flush()
  if not values[1] then
    local caught = values[2]
    -- No handler is called for want of memory; what the source held is garbage now.
    if type(caught) ~= "table" then
      collectgarbage()
      caught = { value = caught, trace = tostring(caught) }
    end
    say(failure(caught.value, caught.trace, request.filename))
  else
    tell_value(result or pack(unpack(values, 2, values.n)))
  end
end
