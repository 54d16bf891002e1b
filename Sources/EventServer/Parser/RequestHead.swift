import HTTPTypes
import Synchronization

/// A request without its body, as the parser read it.
///
/// The fields stay bytes until somebody asks for them.
final class RequestHead: Sendable {
    /// How the end of the body is found (RFC 9112, section 6.3).
    enum Framing: Sendable, Equatable {
        case none
        case length(UInt64)
        case chunked
    }

    /// Where a field stands in `bytes`.
    struct Field: Sendable {
        var name: Range<Int>
        var value: Range<Int>
    }

    let method: HTTPRequest.Method
    /// The path of the target, still percent-encoded; `*` for `OPTIONS *`.
    let path: String
    /// What stands behind the `?` of the target, still percent-encoded.
    let query: String?
    /// The host that the request is for: of an absolute target, else of the Host field.
    let authority: String
    let isOldVersion: Bool
    let framing: Framing
    /// Whether the client lets the connection go on after this request.
    let keepsAlive: Bool
    let expectsContinue: Bool

    /// What becomes known while it is answered.
    private struct Notes {
        var route: String?
        var believed: ForwardedFields?
        var listener: (any RequestListener)?
    }

    private let notes = Mutex(Notes())

    private let bytes: [UInt8]
    private let fields: [Field]

    init(_ draft: consuming RequestHeadDraft, method: HTTPRequest.Method, bytes: [UInt8]) {
        self.method = method
        path = draft.path
        query = draft.query
        authority = draft.authority
        isOldVersion = draft.isOldVersion
        framing = draft.framing
        keepsAlive = draft.closes ? false : !draft.isOldVersion || draft.keepsAlive
        expectsContinue = draft.expectsContinue
        fields = draft.fields
        self.bytes = bytes
    }

    /// The pattern of the route that answers, once somebody knows it.
    var route: String? {
        get { notes.withLock { $0.route } }
        set { notes.withLock { $0.route = newValue } }
    }

    /// The fields by which proxies tell of the client; `nil` where none are believed.
    var believed: ForwardedFields? {
        get { notes.withLock { $0.believed } }
        set { notes.withLock { $0.believed = newValue } }
    }

    /// Who is told when nobody waits for the answer any more.
    var listener: (any RequestListener)? {
        get { notes.withLock { $0.listener } }
        set { notes.withLock { $0.listener = newValue } }
    }

    /// Nobody waits for the answer any more.
    func abandon() { listener?.requestAbandoned() }

    /// The fields as a collection; made anew at each call.
    func makeHeaders() -> HTTPFields {
        var headers = HTTPFields()
        headers.reserveCapacity(fields.count)
        for field in fields {
            guard let name = HTTPField.Name(text(field.name)) else { continue }
            headers.append(HTTPField(name: name, value: bytes[field.value]))
        }
        return headers
    }

    /// The value of the first field with this name, which must be in lower case; looks at the bytes and makes no collection.
    func value(of name: String) -> String? {
        fields.first { isNamed($0, name) }.map { text($0.value) }
    }

    /// The values of all fields with this name, which must be in lower case, in their order.
    func values(of name: String) -> [String] {
        fields.lazy.filter { self.isNamed($0, name) }.map { self.text($0.value) }
    }

    private func isNamed(_ field: Field, _ name: String) -> Bool {
        guard field.name.count == name.utf8.count else { return false }
        var index = field.name.lowerBound
        for byte in name.utf8 {
            guard ASCII.lowercased(bytes[index]) == byte else { return false }
            index += 1
        }
        return true
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
