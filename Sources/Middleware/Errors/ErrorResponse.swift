import ContextPool
import EventServer
import HTTPTypes
import Logging

/// Decides what a client is told of an error.
///
/// What is nobody's business but the operator's goes to the log instead.
enum ErrorResponse {
    static func make(for error: any Error, request: Request, logger: Logger) -> Response {
        switch error {
        case let error as any HTTPResponseError:
            let response = error.makeResponse()
            if response.status.kind == .serverError {
                logger.error("request failed", metadata: metadata(error, request))
            }
            return response
        case is CancellationError where Task.isCancelled:
            // The client has left, or the time to stop has come: nobody waits for this, and nothing is wrong.
            logger.debug("request was cancelled", metadata: metadata(error, request))
            return HTTPError(.serviceUnavailable).makeResponse()
        case let error as ContextPoolError where error.code == .requestCancelled:
            logger.debug("request was cancelled", metadata: metadata(error, request))
            return HTTPError(.serviceUnavailable).makeResponse()
        case let error as RequestBodyError where status(of: error) != nil:
            return HTTPError(status(of: error) ?? .badRequest, error.description).makeResponse()
        case let error as FileError where error.code != .system:
            // The path is the operator's business.
            logger.debug("file not served", metadata: metadata(error, request))
            return HTTPError(error.code == .notAllowed ? .forbidden : .notFound).makeResponse()
        case let error as ContextPoolError where error.code == .queueFull || error.code == .shutDown:
            logger.warning("no room for background work", metadata: metadata(error, request))
            let headers: ResponseFields = [.retryAfter: "1"]
            return HTTPError(.serviceUnavailable, "Busy; please try again.", headers: headers).makeResponse()
        case let error as ContextPoolError where error.code == .deadlinePassed:
            // The server would say so itself in a moment.
            logger.warning("no time left for background work", metadata: metadata(error, request))
            return HTTPError(.gatewayTimeout).makeResponse()
        default:
            logger.error("request failed", metadata: metadata(error, request))
            return HTTPError(.internalServerError).makeResponse()
        }
    }

    /// What is the client's doing; `nil` for mistakes of the handler.
    private static func status(of error: RequestBodyError) -> HTTPResponse.Status? {
        switch error.code {
        case .tooLarge: .contentTooLarge
        case .timedOut: .requestTimeout
        case .malformed, .clientLeft: .badRequest
        default: nil
        }
    }

    private static func metadata(_ error: any Error, _ request: Request) -> Logger.Metadata {
        ["error": "\(error)", "method": "\(request.method.rawValue)", "path": "\(request.path)"]
    }
}
