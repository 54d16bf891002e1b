import ArgumentParser
import Baton

/// The name of a new middleware, in the spellings that its sources need.
struct MiddlewareName: ExpressibleByArgument {
    /// As `config.yml` has it: `tenant-id`.
    let kebab: String

    /// Reads a name in kebab-case; `nil` for everything else.
    init?(argument: String) {
        let words = argument.split(separator: "-", omittingEmptySubsequences: false)
        let isKebab = words.allSatisfy { word in
            !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isNumber || $0.isLowercase) }
        }
        guard isKebab, argument.first?.isNumber == false, argument.utf8.count <= 64 else { return nil }
        kebab = argument
    }

    /// As types have it: `TenantID`.
    var type: String { words.map(Self.capitalized).joined() }

    /// As properties have it: `tenantID`.
    var property: String { (words.prefix(1) + words.dropFirst().map(Self.capitalized)).joined() }

    /// Why no middleware can be called so, if none can.
    var objection: String? {
        if MiddlewareRegistry.standard.names.contains(kebab) { return "Baton has a middleware of this name." }
        if Self.taken.contains(property) { return "'g.\(property)' is taken; add a word to the name." }
        return nil
    }

    private var words: [String] { kebab.split(separator: "-").map(String.init) }

    private static func capitalized(_ word: String) -> String {
        guard !["id", "url", "uri", "ip", "api"].contains(word) else { return word.uppercased() }
        return word.prefix(1).uppercased() + word.dropFirst()
    }

    /// What no property of `g` can be called: words of the language, and what Baton has there.
    private static let taken: Set = Set(
        """
        as associatedtype break case catch class continue default defer deinit do else enum extension fallthrough false \
        fileprivate for func guard if import in init inout internal is let nil operator private protocol public repeat \
        rethrows return self static struct subscript super switch throw throws true try typealias var where while \
        healthChecks links logger parameters request requestID route user
        """
        .split(separator: " ").map(String.init)
    )
}
