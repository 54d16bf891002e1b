import EventServer

/// A field value with parameters, such as `text/plain; charset=utf-8` (RFC 9110, sections 5.6.6 and 8.3.1).
struct FieldParameters: Equatable {
    /// How `\` is read inside of quotes.
    enum Escaping {
        /// It escapes what follows, whatever that is (RFC 9110, section 5.6.4).
        case any
        /// It escapes `"` and `\`, and is a character before everything else: browsers send `C:\new.txt` as it is.
        case quotesOnly
    }

    struct Parameter: Equatable {
        /// In lower case.
        let name: String
        let value: String
    }

    /// What stands before the first `;`, in lower case.
    let value: String
    private(set) var parameters: [Parameter] = []

    /// Reads a value; `nil` where it breaks the grammar.
    init?(_ text: String, escaping: Escaping = .any) {
        var rest = Array(text.utf8)[...]
        let value = rest.prefix { $0 != UInt8(ascii: ";") }
        self.value = String(decoding: value.trimmingBlanks(), as: UTF8.self).lowercased()
        rest = rest[value.endIndex...]
        while !rest.isEmpty {
            guard rest.popFirst() == UInt8(ascii: ";") else { return nil }
            rest.dropBlanks()
            guard let first = rest.first else { return }
            if first == UInt8(ascii: ";") { continue }
            let name = rest.popToken()
            guard !name.isEmpty, rest.popFirst() == UInt8(ascii: "=") else { return nil }
            let isQuoted = rest.first == UInt8(ascii: "\"")
            guard let value = isQuoted ? rest.popQuoted(escaping) : rest.popToken(), isQuoted || !value.isEmpty,
                let text = String(validating: value, as: UTF8.self)
            else { return nil }
            parameters.append(Parameter(name: String(decoding: name, as: UTF8.self).lowercased(), value: text))
            rest.dropBlanks()
        }
    }

    func values(of name: String) -> [String] { parameters.filter { $0.name == name }.map(\.value) }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func dropBlanks() { self = drop(while: ASCII.isBlank) }

    fileprivate mutating func popToken() -> [UInt8] {
        let token = prefix(while: ASCII.isToken)
        self = self[token.endIndex...]
        return [UInt8](token)
    }

    /// A quoted string without its quotes; `nil` where it does not end.
    fileprivate mutating func popQuoted(_ escaping: FieldParameters.Escaping) -> [UInt8]? {
        let quote = UInt8(ascii: "\"")
        let escape = UInt8(ascii: "\\")
        var text: [UInt8] = []
        self = dropFirst()
        while let byte = popFirst() {
            if byte == quote { return text }
            if byte == escape, let next = first, escaping == .any || next == quote || next == escape {
                text.append(next)
                self = dropFirst()
            } else {
                text.append(byte)
            }
        }
        return nil
    }
}
