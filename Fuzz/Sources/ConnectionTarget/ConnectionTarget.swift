import Glibc
import HTTPTypes
import Logging

@testable import EventServer

/// Any bytes over a real socket get whole responses, no more of them than there are requests, and then an end.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
    do {
        let connection = try RawConnection(port: port, sendsAtOnce: true)
        // In two, in the middle: with nothing between them the server sees one piece or two, as it happens.
        for piece in [bytes.prefix(count / 2), bytes.dropFirst(count / 2)] { try? connection.send(piece) }
        connection.finishSending()
        check(try receive(connection), to: parse([bytes[...]]))
    } catch {
        fatalError("\(error)")
    }
    return 0
}

/// A server of one loop, which lives as long as the process.
private let port: Int = {
    var configuration = ServerConfiguration()
    configuration.port = 0
    configuration.loops = 1
    let logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
    // libFuzzer's alarm would cut off this thread's calls; that nothing comes back is known by the timeout of the socket.
    var alarm = sigset_t()
    unsafe sigemptyset(&alarm)
    unsafe sigaddset(&alarm, SIGALRM)
    unsafe pthread_sigmask(SIG_BLOCK, &alarm, nil)
    let server = HTTPServer(configuration: configuration, responder: Reader(), logger: logger)
    do {
        let address = try server.bind()
        Task { try await server.run() }
        return address.port
    } catch {
        fatalError("\(error)")
    }
}()

/// Reads, ignores, or yields and reads, as the target has it.
private struct Reader: Responder {
    func respond(to request: Request) async -> Response {
        if request.path.utf8.count % 2 == 0 { await Task.yield() }
        if request.queryString != nil { return .text("ignored") }
        do throws(RequestBodyError) {
            return .text("\(try await request.body.collect().count)")
        } catch {
            return .text("\(error)", status: .conflict)
        }
    }
}

/// What came until the end; `nil` where the connection was reset, which may take the last response along.
private func receive(_ connection: RawConnection) throws -> [UInt8]? {
    var received: [UInt8] = []
    do {
        while true {
            let more = try connection.receive()
            guard !more.isEmpty else { return received }
            received += more
        }
    } catch let failure as RawConnection.Failure where failure.description == "recv: errno 104" {
        return nil
    }
}

private func check(_ received: [UInt8]?, to transcript: Transcript) {
    guard var rest = received else { return }
    var statuses: [Int] = []
    while !rest.isEmpty {
        let number = statuses.count
        let isHead = number < transcript.requests.count && transcript.requests[number].method == "HEAD"
        guard let (response, count) = RawResponse.parse(rest, isHead: isHead) else { fatalError("no whole response") }
        guard response.statusLine.hasPrefix("HTTP/1.1 ") else { fatalError("no status line") }
        rest.removeFirst(count)
        guard response.status >= 200 else { continue }
        statuses.append(response.status)
        // 409 is the handler's, who could not read the content; all others are refusals, after which nothing may come.
        if ![200, 409].contains(response.status), !rest.isEmpty { fatalError("went on after a refusal") }
    }
    let answers = statuses.count { $0 == 200 || $0 == 409 }
    guard answers <= transcript.requests.count else { fatalError("more answers than requests") }
    guard statuses.count - answers <= 1 else { fatalError("two refusals") }
}
