import EventServer
import HTTPTypes

extension Response {
    /// Tells caches that the answer to this URL depends on a field of the request, beside what they were told before (RFC 9110,
    /// section 12.5.5).
    mutating func vary(on field: String) {
        let named = (headers[.vary] ?? "").lowercased().split(separator: ",")
            .map { $0.filter { $0 != " " && $0 != "\t" } }
        guard !named.contains("*"), !named.contains(field.lowercased()) else { return }
        headers.append(name: .vary, value: field)
    }
}
