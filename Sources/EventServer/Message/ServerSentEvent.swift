/// One event of a stream that a browser reads with `EventSource` (WHATWG HTML, section 9.2).
public struct ServerSentEvent: Sendable, Equatable {
    /// The text of the event; it may have several lines.
    public var data: String

    /// What kind of event it is, for `addEventListener`; `message` where it is `nil`.
    public var name: String?

    /// The place in the stream, which a client that comes back tells in `Last-Event-ID`.
    public var id: String?

    /// How long a client that has lost the stream shall wait before it comes back.
    public var retry: Duration?

    /// Creates an event.
    ///
    /// - Parameters:
    ///   - data: The text.
    ///   - name: The kind of the event. Line breaks are taken out: they would begin another field.
    ///   - id: The place in the stream, without line breaks as well.
    ///   - retry: How long to wait before coming back, in milliseconds on the wire.
    public init(_ data: String, name: String? = nil, id: String? = nil, retry: Duration? = nil) {
        self.data = data
        self.name = name
        self.id = id
        self.retry = retry
    }

    /// The event as it is sent, with the empty line at its end.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        if let name { bytes.append(line: "event", Self.lines(name).joined()) }
        // A client ignores an id with a NUL in it.
        if let id { bytes.append(line: "id", Self.lines(id).joined()) }
        if let retry { bytes.append(line: "retry", "\(max(0, retry.milliseconds))") }
        for line in Self.lines(data) { bytes.append(line: "data", line) }
        bytes.append(ASCII.lineFeed)
        return bytes
    }

    /// The lines of a text, as a client tells them apart: by CRLF, LF or CR.
    private static func lines(_ text: String) -> [Substring.UTF8View.SubSequence] {
        var lines: [Substring.UTF8View.SubSequence] = []
        var rest = Substring(text).utf8
        while let end = rest.firstIndex(where: { $0 == ASCII.lineFeed || $0 == ASCII.carriageReturn }) {
            lines.append(rest[..<end])
            let isPair = rest[end...].starts(with: [ASCII.carriageReturn, ASCII.lineFeed])
            rest = rest[end...].dropFirst(isPair ? 2 : 1)
        }
        return lines + [rest]
    }
}

extension [UInt8] {
    fileprivate mutating func append(line field: String, _ value: some Sequence<UInt8>) {
        append(contentsOf: field.utf8)
        append(ASCII.colon)
        append(ASCII.space)
        append(contentsOf: value)
        append(ASCII.lineFeed)
    }

    fileprivate mutating func append(line field: String, _ value: String) { append(line: field, value.utf8) }
}
