/// One mistake in a configuration.
struct ConfigProblem: Sendable, Equatable, CustomStringConvertible {
    /// The file, or whatever else the value came from.
    var file: String
    var position: ConfigPosition?
    /// The path of the key, such as `middleware.auth.secret`; empty for the file as a whole.
    var key = ""
    var message: String

    /// `config.yml:12:5: middleware.auth.secrt: unknown key; did you mean "secret"?`
    var description: String {
        let place = position.map { "\(file):\($0.line):\($0.column)" } ?? file
        return key.isEmpty ? "\(place): \(message)" : "\(place): \(key): \(message)"
    }
}

/// A configuration cannot be used.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    let problems: [ConfigProblem]

    init(_ problems: [ConfigProblem]) { self.problems = problems }

    /// One line for each mistake: file, line, column, key, what is wrong and what was probably meant.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// What somebody probably meant.
enum Suggestion {
    /// The known name that is nearest to a mistyped one, where one is near enough.
    static func nearest(to name: String, among known: [String]) -> String? {
        let ranked = known.map { (name: $0, distance: distance(name.lowercased(), $0.lowercased())) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, name.count / 3) ? best.name : nil
    }

    /// The end of a message about an unknown name.
    static func advice(for name: String, among known: [String]) -> String {
        let guess = nearest(to: name, among: known).map { "; did you mean \"\($0)\"?" } ?? "."
        return known.isEmpty ? guess : "\(guess) Known: \(known.sorted().joined(separator: ", "))."
    }

    /// The number of letters to insert, delete or replace (Levenshtein), or of neighbours to swap.
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var rows = [Array(0...right.count)]
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                var cost = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    cost = min(cost, rows[i - 1][j - 1] + 1)
                }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
