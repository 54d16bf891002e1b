public import ContextPool
public import Tracing

/// Which trace a request belongs to, as the W3C's Trace Context has it (`traceparent` and `tracestate`).
public struct TraceContext: Sendable, Hashable {
    private static let stateLimit = 512

    /// The trace: 32 hexadecimal digits, not all of them zero.
    public let traceID: String

    /// The span in it that has sent this: 16 hexadecimal digits, not all of them zero.
    public let parentID: String

    /// The flags; the lowest bit tells that the trace is recorded.
    public let flags: UInt8

    /// What tracers say to each other; `nil` for nothing.
    public let state: String?

    /// Reads the fields of a message.
    ///
    /// - Parameters:
    ///   - traceparent: The values of all fields of this name. There must be one, without a mistake; otherwise there is no
    ///     trace, as the specification has it.
    ///   - tracestate: The values of all fields of this name. With a mistake, or beyond 512 bytes, they are left out.
    public init?(traceparent: [String], tracestate: [String] = []) {
        guard traceparent.count == 1, let text = traceparent.first else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, Self.isHexadecimal(parts[0], 2), Self.isHexadecimal(parts[1], 32),
            Self.isHexadecimal(parts[2], 16), Self.isHexadecimal(parts[3], 2), let flags = UInt8(parts[3], radix: 16)
        else { return nil }
        // ff is no version, 00 has four parts, and later ones may have more.
        guard parts[0] != "ff", parts[0] != "00" || parts.count == 4 else { return nil }
        guard parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" }) else { return nil }
        traceID = String(parts[1])
        parentID = String(parts[2])
        self.flags = flags
        let state = tracestate.joined(separator: ",")
        let isRight = state.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && state.utf8.count <= Self.stateLimit
        self.state = isRight && !state.isEmpty ? state : nil
    }

    /// The value of `traceparent`, for a message that is sent on.
    public var traceparent: String {
        let digits = String(flags, radix: 16)
        return "00-\(traceID)-\(parentID)-\(digits.utf8.count == 1 ? "0" : "")\(digits)"
    }

    /// Small letters only: the specification knows no others.
    private static func isHexadecimal(_ text: Substring, _ count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

private enum TraceContextKey: ContextKey {
    static let name = "baton.trace"
    static let defaultValue: TraceContext? = nil
}

extension ContextValues {
    /// The trace of the request, where `tracing` is in the chain and there is one; jobs have it, too.
    public var traceContext: TraceContext? {
        get { self[TraceContextKey.self] }
        set { self[TraceContextKey.self] = newValue }
    }
}

private enum ServiceTraceKey: ServiceContextKey {
    typealias Value = TraceContext
}

extension ServiceContext {
    /// The trace, as it came in, where no tracer has read it.
    public var traceContext: TraceContext? {
        get { self[ServiceTraceKey.self] }
        set { self[ServiceTraceKey.self] = newValue }
    }
}
