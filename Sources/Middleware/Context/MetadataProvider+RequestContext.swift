import ContextPool
public import Logging

extension Logger.MetadataProvider {
    /// Adds the id of the current request to each log line, in the request and in its jobs.
    ///
    /// It reads the context when a line is written, and thus costs nothing for a request that logs nothing.
    public static let requestContext = Logger.MetadataProvider {
        guard let id = RequestContext.current?.g.requestID else { return [:] }
        return ["request-id": "\(id)"]
    }
}
