public import HTTPTypes

/// Why the server refused a request before any handler saw it.
///
/// Each reason has a code that never changes, which the log line and the response body carry, so that a bare 400 can be
/// explained by whoever reads either.
public struct RequestRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The stable name of the reason, such as `H1-CL-DUP`.
    public let code: String

    /// The status of the response.
    public let status: HTTPResponse.Status

    /// What is wrong with the request, in a sentence.
    public let reason: String

    /// Code and reason, as the log and the response show them.
    public var description: String { "\(code): \(reason)" }

    private init(_ code: String, _ status: HTTPResponse.Status, _ reason: String) {
        self.code = code
        self.status = status
        self.reason = reason
    }

    private init(_ code: String, _ reason: String) { self.init(code, .badRequest, reason) }
}

extension RequestRefusal {
    // Request line: RFC 9112, section 3.
    static let requestLine = Self("H1-LINE", "The request line is not 'METHOD target HTTP/1.1'.")
    static let method = Self("H1-METHOD", "The method is not a token.")
    static let methodTooLong = Self(
        "H1-METHOD-LONG",
        .notImplemented,
        "The method is longer than any that this server knows."
    )
    static let connect = Self("H1-CONNECT", .notImplemented, "This server is no proxy: CONNECT is not supported.")
    static let target = Self("H1-TARGET", "The request target is not a path, an http URL or '*' with OPTIONS.")
    static let scheme = Self(
        "H1-SCHEME",
        .misdirectedRequest,
        "The request is for an https resource, and came over a connection without TLS."
    )
    static let targetTooLong = Self(
        "H1-TARGET-LONG",
        .uriTooLong,
        "The request target is longer than this server allows."
    )
    static let version = Self("H1-VERSION", "The protocol version is malformed.")
    static let versionUnsupported = Self(
        "H1-VERSION-UNSUPPORTED",
        .httpVersionNotSupported,
        "This server speaks HTTP/1.1 and HTTP/1.0."
    )
    static let bareLF = Self("H1-BARE-LF", "A line ends with LF alone; lines end with CRLF.")
    static let bareCR = Self("H1-BARE-CR", "A CR stands alone; it is only allowed in front of LF.")

    // Header section: RFC 9112, section 5, and RFC 9110, section 5.
    static let headerTooLarge = Self(
        "H1-HEADER-LARGE",
        .requestHeaderFieldsTooLarge,
        "The header section is larger than this server allows."
    )
    static let tooManyFields = Self(
        "H1-HEADER-COUNT",
        .requestHeaderFieldsTooLarge,
        "There are more header fields than this server allows."
    )
    static let fieldName = Self(
        "H1-FIELD-NAME",
        "A field name is empty or not a token, or a blank stands before its colon."
    )
    static let fieldValue = Self("H1-FIELD-VALUE", "A field value contains a control character.")
    static let folding = Self("H1-FOLD", "A header line begins with a blank; folded lines are obsolete.")
    static let hostMissing = Self("H1-HOST-MISSING", "An HTTP/1.1 request needs exactly one Host field, and has none.")
    static let hostDuplicate = Self("H1-HOST-DUP", "There is more than one Host field.")
    static let hostInvalid = Self("H1-HOST-INVALID", "The Host field is not a host with an optional port.")

    // Framing: RFC 9112, section 6.
    static let lengthInvalid = Self("H1-CL-INVALID", "Content-Length is not a plain decimal number.")
    static let lengthDuplicate = Self("H1-CL-DUP", "There is more than one Content-Length.")
    static let lengthWithEncoding = Self("H1-CL-TE", "Content-Length and Transfer-Encoding stand together.")
    static let encodingInvalid = Self(
        "H1-TE-INVALID",
        "Transfer-Encoding is malformed, or its last coding is not 'chunked', or 'chunked' stands in it twice."
    )
    static let encodingUnsupported = Self(
        "H1-TE-UNSUPPORTED",
        .notImplemented,
        "The only transfer coding this server decodes is 'chunked'."
    )
    static let encodingInOldVersion = Self("H1-TE-10", "Transfer-Encoding does not exist in HTTP/1.0.")
    static let expectation = Self(
        "H1-EXPECT",
        .expectationFailed,
        "The only expectation this server meets is 100-continue."
    )
    static let bodyTooLarge = Self("H1-BODY-LARGE", .contentTooLarge, "The body is larger than this server allows.")

    // Chunked coding: RFC 9112, section 7.1.
    static let chunkSize = Self("H1-CHUNK-SIZE", "A chunk size is not a plain hexadecimal number.")
    static let chunkExtension = Self(
        "H1-CHUNK-EXT",
        "A chunk extension is malformed or longer than this server allows."
    )
    static let chunkEnd = Self("H1-CHUNK-END", "The data of a chunk is not followed by CRLF.")
    static let trailer = Self("H1-TRAILER", "The trailer section is malformed or larger than this server allows.")

    // Time: RFC 9110, section 15.5.9.
    static let headerTimeout = Self("H1-HEADER-TIMEOUT", .requestTimeout, "The header section did not arrive in time.")
    static let bodyTimeout = Self("H1-BODY-TIMEOUT", .requestTimeout, "The body did not arrive in time.")
}
