/// What a task of the loop does for a request: has it answered, or writes the body of the answer.
enum RequestWork: Sendable {
    case answer(Request, number: Int, LoopBound<Connection>, by: any Responder)
    case produce(ResponseBody.Stream, ResponseWriter, number: Int, LoopBound<Connection>)

    consuming func perform() async {
        switch consume self {
        case .answer(let request, let number, let connection, let responder):
            let response = await responder.respond(to: request)
            if let connection = connection.here { return connection.answer(number, with: response) }
            connection.run {
                $0.answer(number, with: response)
            } orElse: {
                response.giveUp(.serverStopped)
            }
        case .produce(let source, let writer, let number, let connection):
            do {
                try await source.producer(writer)
                connection.run { $0.endStream(number) }
            } catch {
                connection.run { $0.breakStream(number, error) }
            }
        }
    }
}
