import Middleware

/// Values of Swift's in the words of a configuration.
enum ConfigText {
    /// What could be written in a file for a value, as far as that is known of its type.
    static func text(of value: Any) -> String {
        let mirror = Mirror(reflecting: value)
        switch value {
        case let text as String: return text.isEmpty ? "\"\"" : text
        case let time as Duration: return time == .zero ? "0s" : time.configText
        case let choice as any RawRepresentable where choice.rawValue is String: return "\(choice.rawValue)"
        case is Secret: return "\(value)"
        default: break
        }
        switch mirror.displayStyle {
        case .optional: return mirror.children.first.map { text(of: $0.value) } ?? "nothing"
        case .collection, .set: return "[\(mirror.children.map { text(of: $0.value) }.joined(separator: ", "))]"
        case .dictionary where mirror.children.isEmpty: return "{}"
        default: return "\(value)"
        }
    }
}
