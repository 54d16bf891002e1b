extension Application {
    /// Starts everything but a server, and stops it when `body` has returned; for tests.
    ///
    /// - Parameter body: Gets what answers requests, in their bytes.
    /// - Returns: What `body` returns.
    /// - Throws: What a start throws, and what `body` throws.
    package func withoutServer<Output>(
        _ body: (InProcessExchange) async throws -> Output
    ) async throws -> Output {
        try checkChain()
        let parts = try makeParts()
        let result: Result<Output, any Error>
        do {
            try await parts.reloader.start()
            let exchange = InProcessExchange(configuration: settings.server, responder: parts.generations)
            result = .success(try await body(exchange))
        } catch {
            result = .failure(error)
        }
        _ = await parts.app.pool.shutDown(.finishPending, within: settings.server.timeouts.drain)
        await stop(parts)
        return try result.get()
    }

    /// Serves on a free port of this machine, and stops when `body` has returned; for tests.
    ///
    /// No signal is trapped: that would be the test's process.
    ///
    /// - Parameter body: Gets the address.
    /// - Returns: What `body` returns.
    /// - Throws: What a start throws, and what `body` throws.
    package func withServer<Output>(_ body: (SocketAddress) async throws -> Output) async throws -> Output {
        try checkChain()
        var moved = self
        moved.settings.server.host = "127.0.0.1"
        moved.settings.server.port = 0
        moved.settings.server.listen = []
        // A process full of tests has few processors for each.
        if moved.settings.server.loops == 0 { moved.settings.server.loops = 2 }
        let application = moved
        let (addresses, address) = AsyncStream.makeStream(of: SocketAddress.self)
        let running = Task {
            defer { address.finish() }
            try await application.serve(RunSwitches()) { launch in address.yield(launch.address) }
        }
        var iterator = addresses.makeAsyncIterator()
        guard let bound = await iterator.next() else {
            try await running.value
            throw CancellationError()
        }
        let result: Result<Output, any Error>
        do { result = .success(try await body(bound)) } catch { result = .failure(error) }
        running.cancel()
        try await running.value
        return try result.get()
    }
}
