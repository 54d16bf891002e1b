import HTTPTypes

/// Sends events to one browser, for as long as it listens.
///
/// It may be used from any thread and by several tasks.
public struct EventStream: Sendable {
    private let writer: ResponseWriter

    init(_ writer: ResponseWriter) { self.writer = writer }

    /// Sends an event, and returns when there is room for the next one.
    ///
    /// - Parameter event: The event.
    /// - Throws: ``ResponseWriterError``, with `clientLeft` when nobody listens any more.
    public func send(_ event: ServerSentEvent) async throws(ResponseWriterError) { try await writer.write(event.bytes) }

    /// Sends an event that is nothing but a text.
    ///
    /// - Parameter data: The text.
    /// - Throws: ``ResponseWriterError``, with `clientLeft` when nobody listens any more.
    public func send(_ data: String) async throws(ResponseWriterError) { try await send(ServerSentEvent(data)) }

    /// Sends a comment, which clients skip: it keeps proxies from closing, and finds out whether anybody is there.
    func beat() async throws(ResponseWriterError) { try await writer.write(":\n\n") }
}

extension Response {
    /// A stream of events for a browser's `EventSource`.
    ///
    /// ```swift
    /// app.router.get("/clock") { request, context in
    ///     .events { stream in
    ///         while true {
    ///             try await stream.send("\(ContinuousClock.now)")
    ///             try await Task.sleep(for: .seconds(1))
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// When the client has left, the producer's task is cancelled and `send` throws. That is found out when something is
    /// sent, and thus by the next heartbeat at the latest.
    ///
    /// - Parameters:
    ///   - heartbeat: How often a comment is sent that clients skip.
    ///   - produce: Sends the events; the stream ends when it returns.
    /// - Returns: The response, which no cache keeps and no proxy collects.
    public static func events(
        heartbeat: Duration = .seconds(15),
        _ produce: @escaping @Sendable (EventStream) async throws -> Void
    ) -> Response {
        events(heartbeat: heartbeat, clock: ContinuousClock(), produce)
    }

    static func events(
        heartbeat: Duration,
        clock: some Clock<Duration>,
        _ produce: @escaping @Sendable (EventStream) async throws -> Void
    ) -> Response {
        let body = ResponseBody.stream { writer in
            let stream = EventStream(writer)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while true {
                        try await clock.sleep(for: heartbeat)
                        try await stream.beat()
                    }
                }
                // The beat ends by an error in any case, and nobody has to hear of it.
                defer { group.cancelAll() }
                try await produce(stream)
            }
        }
        var headers: ResponseFields = [.contentType: "text/event-stream", .cacheControl: "no-cache"]
        // nginx would collect the events until its buffer is full.
        if let buffering = HTTPField.Name("X-Accel-Buffering") { headers[buffering] = "no" }
        return Response(status: .ok, headers: headers, body: body)
    }
}
