import ContextPool
import EventServer
import HTTPTypes
import Logging
import Synchronization

/// The line of ``AccessLogMiddleware``: what is in it, and which requests have one.
///
/// An object, so that each request holds it with one retain until it ends.
final class AccessLine: Sendable {
    private let redacted: Set<String>
    private let headers: [(name: HTTPField.Name, field: String)]
    private let sample: Double
    private let count = Atomic<UInt64>(0)
    /// That of the application, where it takes fields as they are.
    private let handler: (any FieldLogHandler)?

    init(_ options: AccessLogMiddleware.Options, logger: Logger? = nil) {
        handler = logger?.handler as? any FieldLogHandler
        redacted = Set(options.redact.map(\.rawValue))
        headers = options.headers.compactMap { HTTPField.Name($0) }.map { ($0, $0.canonicalName) }
        sample = options.sample
    }

    /// Writes the line of a request that has ended, where it is to have one.
    func write(for context: RequestContext, since start: ContinuousClock.Instant) {
        let values = context.g
        guard let request = values.request else { return }
        let outcome = context.outcome
        let isError = outcome.map { $0.status.code >= 400 } ?? true
        guard sample == 1 || isError || isSampled() else { return }
        if let handler {
            guard handler.logLevel <= .info else { return }
            let fields = fields(of: request, outcome, values, since: start)
            if handler.log(.info, "request", fields: fields) { return }
        }
        let logger = context.logger
        guard logger.logLevel <= .info else { return }
        let fields = fields(of: request, outcome, values, since: start)
        // What the provider of the logger adds is there already, and the same.
        let metadata = fields.map { ($0.name, Logger.MetadataValue.string($0.text)) }
        logger.info("request", metadata: Logger.Metadata(metadata) { $1 })
    }

    /// The fields, sorted by name: the line is read by people, and looked through with grep.
    private func fields(
        of request: Request,
        _ outcome: ResponseOutcome?,
        _ values: ContextValues,
        since start: ContinuousClock.Instant
    ) -> [LogField] {
        var fields: [LogField] = []
        fields.reserveCapacity(9 + headers.count)
        if let outcome { fields.append(LogField("bytes", outcome.bodySize)) }
        fields.append(LogField("client", request.clientAddress.host))
        fields.append(LogField("duration-us", Self.microseconds(since: start)))
        fields.append(LogField("method", request.method.rawValue))
        fields.append(LogField("path", request.path))
        if let id = values.requestID { fields.append(LogField("request-id", id)) }
        if let outcome { fields.append(LogField("status", outcome.status.code)) }
        if let trace = values.traceContext { fields.append(LogField("trace-id", trace.traceID)) }
        if let user = values.user { fields.append(LogField("user", user.id)) }
        if !headers.isEmpty { add(request, to: &fields) }
        if !redacted.isEmpty {
            for index in fields.indices where redacted.contains(fields[index].name) { fields[index].value = .text("-") }
        }
        return fields
    }

    private func add(_ request: Request, to fields: inout [LogField]) {
        for (name, field) in headers {
            // A header that is called like a field of the line, such as `user`, does not take its place.
            guard let value = request.header(name), !fields.contains(where: { $0.name == field }) else { continue }
            fields.append(LogField(field, value))
        }
        fields.sort { $0.name < $1.name }
    }

    /// Whether this one is taken, so that of any number the share is, as evenly as can be.
    private func isSampled() -> Bool {
        let number = Double(count.add(1, ordering: .relaxed).newValue)
        return (number * sample).rounded(.down) > ((number - 1) * sample).rounded(.down)
    }

    private static func microseconds(since start: ContinuousClock.Instant) -> Int {
        let (seconds, attoseconds) = start.duration(to: .now).components
        return Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000)
    }
}

extension LogField {
    fileprivate var text: String {
        switch value {
        case .text(let text): text
        case .number(let number): String(number)
        }
    }
}
