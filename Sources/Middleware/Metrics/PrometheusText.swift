/// How names and labels are written for Prometheus.
enum PrometheusText {
    /// The labels of what is counted together, since there are too many series.
    static let overflow = #"overflow="true""#

    /// A name as the format allows it: letters, figures and underscores, and no figure first.
    ///
    /// A colon is for who queries.
    static func name(_ label: String, suffix: String = "") -> String {
        let name = identifier(label)
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    /// Labels in alphabetical order, each once: `a="1",b="2"`.
    static func labels(_ dimensions: [(String, String)]) -> String {
        var labels: [String: String] = [:]
        for (name, value) in dimensions {
            var name = identifier(name)
            // The bounds of histograms, and names with which the scraper itself begins, are not for others.
            if name == "le" || name == "quantile" || name.hasPrefix("__") { name = "x_\(name)" }
            if labels[name] == nil { labels[name] = value }
        }
        return labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escaped($0.value))\"" }.joined(separator: ",")
    }

    /// A sample: `name{labels} value`.
    static func line(_ name: String, _ labels: String, _ value: String) -> String {
        labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return "\(value)"
    }

    private static func identifier(_ text: String) -> String {
        var name = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_": name.unicodeScalars.append(scalar)
            default: name.append("_")
            }
        }
        guard let first = name.unicodeScalars.first, !("0"..."9").contains(first) else { return "_\(name)" }
        return name
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
