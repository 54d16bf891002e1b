public import ContextPool
public import EventServer
import HTTPTypes
import Synchronization

/// `request-id`: gives every request an id, which its log lines, its jobs and its response carry.
///
/// An incoming id is kept where it is well formed, so that one id follows a request through several servers.
public struct RequestIDMiddleware: MiddlewarePlugin, PreparingMiddleware {
    /// The name in `config.yml`.
    public static let name = "request-id"

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// The header field, in the request and in the response.
        public var header: String
        /// Whether an id that the client sent is kept.
        public var acceptIncoming: Bool

        private enum CodingKeys: CodingKey {
            case header
            case acceptIncoming
        }

        /// Decodes the options, with defaults for what is left out.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            header = try container.decode(String.self, forKey: .header, default: "x-request-id")
            acceptIncoming = try container.decode(Bool.self, forKey: .acceptIncoming, default: true)
        }
    }

    private let header: HTTPField.Name
    private let acceptsIncoming: Bool
    private let ids = RequestIDs()

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    /// - Throws: ``OptionsError`` where the header's name is not one.
    public init(options: Options) throws {
        guard let header = HTTPField.Name(options.header) else {
            throw OptionsError(key: "header", "\"\(options.header)\" is not the name of a header field.")
        }
        self.header = header
        acceptsIncoming = options.acceptIncoming
    }

    /// Sets `g.requestID`, and the header field of whatever response comes.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    public func prepare(_ request: Request, in context: RequestContext) {
        let incoming = acceptsIncoming ? request.header(header).flatMap(Self.wellFormed) : nil
        let id = incoming ?? ids.next()
        context.set(RequestIDKey.self, to: id)
        context.onResponse { [header] in $0.headers[header] = id }
    }

    /// Up to 128 characters that no log format and no shell takes for anything else.
    static func wellFormed(_ id: String) -> String? {
        let isAllowed =
            id.utf8.count <= 128 && !id.isEmpty
            && id.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"): true
                default: false
                }
            }
        return isAllowed ? id : nil
    }
}

/// Makes ids of 13 characters: no two of this process are alike, and those of two processes hardly ever.
final class RequestIDs: Sendable {
    private let counter: Atomic<UInt64>

    init(seed: UInt64 = .random(in: 0 ... .max)) { counter = Atomic(seed) }

    /// 13 characters fit into a string without an allocation; a random number of the system would cost a call to it.
    func next() -> String {
        // Steps of the golden ratio through a bijection (SplitMix64): 2^64 different ids in an order nobody sees.
        var z = counter.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        z ^= z >> 31
        var digits: InlineArray<13, UInt8> = .init(repeating: 0)
        for index in digits.indices {
            let digit = UInt8(truncatingIfNeeded: z & 31)
            digits[index] = digit < 10 ? 0x30 + digit : 0x61 + digit - 10
            z >>= 5
        }
        // Without an array in between. It cannot fail: ASCII is UTF-8.
        guard let text = try? UTF8Span(validating: digits.span) else { return "" }
        return String(copying: text)
    }
}

private enum RequestIDKey: ContextKey {
    static let name = "requestID"
    static let defaultValue: String? = nil
}

extension ContextValues {
    /// The id of the request, where `request-id` is in the chain.
    public var requestID: String? {
        get { self[RequestIDKey.self] }
        set { self[RequestIDKey.self] = newValue }
    }
}
