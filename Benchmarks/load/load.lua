-- What wrk sends and tells: load.lua [pipelined=N] [post=FILE] [type=MEDIA/TYPE] [token=TOKEN]

local pipelined = 1

function init(arguments)
    for _, argument in ipairs(arguments) do
        local key, value = argument:match("^(%a+)=(.*)$")
        if key == "pipelined" then pipelined = tonumber(value) end
        if key == "type" then wrk.headers["Content-Type"] = value end
        if key == "token" then wrk.headers["Authorization"] = "Bearer " .. value end
        if key == "post" then
            local file = assert(io.open(value, "rb"))
            wrk.method, wrk.body = "POST", file:read("*a")
            file:close()
        end
    end
    -- A function named request makes wrk ask it for each request, so there is none unless it is needed.
    if pipelined > 1 then
        local one = wrk.format()
        local all = one:rep(pipelined)
        request = function() return all end
    end
end

function done(summary, latency)
    local errors = summary.errors
    print(string.format(
        "bench requests=%d us=%d p50=%.0f p99=%.0f p999=%.0f refused=%d broken=%d",
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
        errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
