import HTTPTypes
import Logging

extension RequestHead {
    /// Adds what tells an operator which request is meant.
    func describe(in metadata: inout Logger.Metadata) {
        metadata["method"] = "\(method.rawValue)"
        metadata["path"] = "\(path)"
        if let route { metadata["route"] = "\(route)" }
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
