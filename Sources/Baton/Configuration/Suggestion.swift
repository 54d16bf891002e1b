/// What somebody probably meant.
enum Suggestion {
    /// The known name that is nearest to a mistyped one, where one is near enough.
    static func nearest(to name: String, among known: [String]) -> String? {
        let ranked = known.map { (distance: distance(name.lowercased(), $0.lowercased()), name: $0) }
        guard let best = ranked.min(by: <) else { return nil }
        // A name of which nothing would be left is no mistyped one.
        let isNear =
            best.distance <= max(1, max(name.count, best.name.count) / 3)
            && best.distance < max(name.count, best.name.count)
        return isNear ? best.name : nil
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
