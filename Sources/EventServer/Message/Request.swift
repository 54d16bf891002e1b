public import HTTPTypes

/// A request, as a handler sees it.
///
/// It is a value that may be used from any thread and kept for as long as one likes. Only its ``body`` is bound to the
/// connection: what was not read of it when the response is sent cannot be read afterwards.
public struct Request: Sendable {
    /// One object, so that each step of a chain, which has the request in its frame, copies it with one retain.
    private final class Storage: Sendable {
        let head: RequestHead
        let body: RequestBody
        let remoteAddress: SocketAddress
        let forwarding: Forwarding?
        let isServed: Bool

        init(
            _ head: RequestHead,
            _ body: RequestBody,
            _ remoteAddress: SocketAddress,
            _ forwarding: Forwarding?,
            _ isServed: Bool
        ) {
            self.head = head
            self.body = body
            self.remoteAddress = remoteAddress
            self.forwarding = forwarding
            self.isServed = isServed
        }
    }

    private let storage: Storage

    var head: RequestHead { storage.head }
    var forwarding: Forwarding? { storage.forwarding }

    /// The body, to be read at most once.
    public var body: RequestBody { storage.body }

    /// Who sent the request, as the socket tells: with a proxy in front it is the proxy, and ``clientAddress`` is who asked.
    public var remoteAddress: SocketAddress { storage.remoteAddress }

    init(
        head: RequestHead,
        body: RequestBody,
        remoteAddress: SocketAddress,
        forwarding: Forwarding? = nil,
        isServed: Bool = false
    ) {
        storage = Storage(head, body, remoteAddress, forwarding, isServed)
    }

    /// The request as an object, for whoever keeps one without knowing what it is.
    package var object: any AnyObject & Sendable { storage }

    /// The request that an object is.
    ///
    /// - Parameter object: What ``object`` was, or anything else, which is none.
    package init?(object: any AnyObject & Sendable) {
        guard let storage = object as? Storage else { return nil }
        self.storage = storage
    }

    /// Whether a server answers it, which tells ``listener`` what otherwise only the cancelled task tells.
    package var isServed: Bool { storage.isServed }

    /// Who is told when nobody waits for the answer any more; shared by all copies.
    package var listener: (any RequestListener)? {
        get { head.listener }
        nonmutating set { head.listener = newValue }
    }

    /// The same request, whose body tells of whoever reads it too late.
    ///
    /// - Parameter lateReader: A sentence for the error, or `nil`; it is asked on the thread that reads.
    /// - Returns: The request.
    package func explainingLateReads(_ lateReader: @escaping @Sendable () -> String?) -> Request {
        with(body.explainingLateReads(lateReader))
    }

    /// The same request, which calls when somebody has read its body to the end.
    ///
    /// - Parameter atEnd: Called on the thread that reads, in the context of whoever reads.
    /// - Returns: The request.
    package func noticingEndOfBody(_ atEnd: @escaping @Sendable () -> Void) -> Request { with(body.noticingEnd(atEnd)) }

    private func with(_ body: RequestBody) -> Request {
        Request(
            head: head,
            body: body,
            remoteAddress: remoteAddress,
            forwarding: forwarding,
            isServed: isServed
        )
    }

    /// The same request, of whose body a reader gets at most so many bytes; see ``RequestBody/limited(to:)``.
    ///
    /// - Parameter limit: The most bytes to accept.
    /// - Returns: The request.
    public func limitingBody(to limit: Int) -> Request {
        with(body.limited(to: limit))
    }

    /// The method.
    public var method: HTTPRequest.Method { head.method }

    /// The path of the target, as it was sent: percent-encoded, beginning with `/`, or `*` alone.
    public var path: String { head.path }

    /// What stands behind the `?` of the target, percent-encoded; `nil` where there is no `?`.
    public var queryString: String? { head.query }

    /// The host, with its port where one was given, that the client wanted to reach; empty where an HTTP/1.0 client said
    /// nothing.
    public var authority: String { head.authority }

    /// The pattern of the route that answers this request, such as `/users/{id}`; `nil` until a router has found it.
    ///
    /// All copies of the request share it, so that logs and the watchdog can name the route.
    public var route: String? { head.route }

    /// Tells which route answers this request; for routers.
    ///
    /// - Parameter route: The pattern.
    public func noteRoute(_ route: String) { head.route = route }

    /// The header fields.
    ///
    /// The collection is made at each call: keep it, or use ``header(_:)`` for a single one.
    public var headers: HTTPFields { head.makeHeaders() }

    /// The value of one field, without making a collection of all.
    ///
    /// - Parameter name: The field's name.
    /// - Returns: The value of the first field with this name, or `nil`.
    public func header(_ name: HTTPField.Name) -> String? { head.value(of: name.canonicalName) }

    /// The values of all fields of one name, in their order, without making a collection of all fields.
    ///
    /// - Parameter name: The name of the fields.
    /// - Returns: The values; none where there is no such field.
    public func headerValues(_ name: HTTPField.Name) -> [String] { head.values(of: name.canonicalName) }
}
