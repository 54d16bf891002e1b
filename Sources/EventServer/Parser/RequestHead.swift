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

    /// Where a field stands in some bytes.
    struct Field {
        var name: Range<Int>
        var value: Range<Int>
    }

    /// The places of the fields that most clients send.
    ///
    /// They lie in the head itself: an array is one more allocation, and takes 430 instructions. They are no type with the others,
    /// since what asked it for one would copy all of them.
    typealias FirstFields = InlineArray<12, FieldPlace>

    let method: HTTPRequest.Method
    /// The path of the target, still percent-encoded; `*` for `OPTIONS *`.
    let path: String
    /// What stands behind the `?` of the target, still percent-encoded.
    let query: String?
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

    /// The header section, request line included.
    private let bytes: [UInt8]
    private let fieldCount: Int
    private let firstFields: FirstFields
    private let otherFields: [FieldPlace]
    private let authorityRange: Range<Int>

    /// - Parameters:
    ///   - draft: What its lines say.
    ///   - method: Its method.
    ///   - bytes: The lines.
    init(_ draft: consuming RequestHeadDraft, method: HTTPRequest.Method, bytes: [UInt8]) {
        self.method = method
        // An absolute target may have no path, which means the root.
        path = draft.path.isEmpty ? "/" : bytes.span.text(in: draft.path)
        query = draft.query.map { bytes.span.text(in: $0) }
        authorityRange = draft.authority
        isOldVersion = draft.isOldVersion
        framing = draft.framing
        keepsAlive = draft.closes ? false : !draft.isOldVersion || draft.keepsAlive
        expectsContinue = draft.expectsContinue
        fieldCount = draft.fieldCount
        firstFields = draft.firstFields
        otherFields = draft.otherFields
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

    /// The host that the request is for: of an absolute target, else of the Host field; made anew at each call, since few ask.
    var authority: String { text(authorityRange) }

    /// The fields as a collection; made anew at each call.
    func makeHeaders() -> HTTPFields {
        var headers = HTTPFields()
        headers.reserveCapacity(fieldCount)
        for index in 0..<fieldCount {
            let field = field(index)
            guard let name = HTTPField.Name(text(field.name)) else { continue }
            headers.append(HTTPField(name: name, value: bytes[field.value]))
        }
        return headers
    }

    /// The value of the first field with this name, which must be in lower case; looks at the bytes and makes no collection.
    func value(of name: String) -> String? {
        let index = (0..<fieldCount).first { isNamed(field($0), name) }
        return index.map { text(field($0).value) }
    }

    /// The values of all fields with this name, which must be in lower case, in their order.
    func values(of name: String) -> [String] {
        (0..<fieldCount).lazy.map { self.field($0) }.filter { self.isNamed($0, name) }.map { self.text($0.value) }
    }

    private func field(_ index: Int) -> FieldPlace {
        index < firstFields.count ? firstFields[index] : otherFields[index - firstFields.count]
    }

    @inline(__always)
    private func isNamed(_ field: FieldPlace, _ name: String) -> Bool {
        field.name.count == name.utf8.count && matches(field.name, name)
    }

    /// Apart from the comparison of the lengths, which is all that most fields need.
    private func matches(_ range: Range<Int>, _ name: String) -> Bool {
        let name = name.utf8.span
        var index = 0
        while index < name.count, ASCII.lowercased(bytes[range.lowerBound + index]) == name[index] { index += 1 }
        return index == name.count
    }

    private func text(_ range: Range<Int>) -> String {
        // A span of a property cannot be passed on.
        let bytes = bytes
        return bytes.span.text(in: range)
    }
}
