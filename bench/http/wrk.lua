-- Plays a file of whole HTTP requests, one after the other. Arguments: the file, and optionally a text that each response's body
-- must hold; without it no response is parsed, so that the generator costs as little as it can.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local text = file:read("*a")
  file:close()
  requests = {}
  for one in text:gmatch("[^%z]+") do
    requests[#requests + 1] = one
  end
  at = 0
  checked = 0
  wrong = 0
  local expected = args[2]
  if expected then
    response = function(status, headers, body)
      checked = checked + 1
      if status ~= 200 or not body:find(expected, 1, true) then
        wrong = wrong + 1
      end
    end
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency, _)
  local checked, wrong = 0, 0
  for _, thread in ipairs(threads) do
    checked = checked + thread:get("checked")
    wrong = wrong + thread:get("wrong")
  end
  local e = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"seconds":%.6f,"bytes":%d,"failed":%d,"checked":%d,"wrong":%d,"p50Ms":%.3f,"p99Ms":%.3f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, e.connect + e.read + e.write + e.status + e.timeout,
    checked, wrong, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
