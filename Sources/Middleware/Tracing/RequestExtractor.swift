import EventServer
import HTTPTypes
import Tracing

/// Lets a tracer read the fields of a request.
struct RequestExtractor: Extractor {
    func extract(key: String, from request: Request) -> String? {
        guard let name = HTTPField.Name(key) else { return nil }
        let values = request.headerValues(name)
        // Of several traceparent none can be believed; other fields are lists.
        guard name != TracingFields.traceparent || values.count == 1 else { return nil }
        return values.isEmpty ? nil : values.joined(separator: ",")
    }
}

/// Takes what a tracer would send on.
struct DictionaryInjector: Injector {
    func inject(_ value: String, forKey key: String, into fields: inout [String: String]) {
        fields[key.lowercased()] = value
    }
}

enum TracingFields {
    static let traceparent = HTTPField.Name("traceparent")
    static let tracestate = HTTPField.Name("tracestate")

    /// The trace that a request says it belongs to.
    static func context(of request: Request) -> TraceContext? {
        guard let traceparent, let tracestate else { return nil }
        let parents = request.headerValues(traceparent)
        guard !parents.isEmpty else { return nil }
        return TraceContext(traceparent: parents, tracestate: request.headerValues(tracestate))
    }
}
