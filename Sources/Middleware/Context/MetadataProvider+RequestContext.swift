import ContextPool
public import Logging

extension Logger.MetadataProvider {
    /// Adds the id of the current request, and that of its trace, to each log line, in the request and in its jobs.
    ///
    /// It reads the context when a line is written, and thus costs nothing for a request that logs nothing.
    public static let requestContext = Logger.MetadataProvider {
        guard let values = RequestContext.current?.g else { return [:] }
        var metadata: Logger.Metadata = [:]
        if let id = values.requestID { metadata["request-id"] = "\(id)" }
        if let trace = values.traceContext { metadata["trace-id"] = "\(trace.traceID)" }
        return metadata
    }
}
