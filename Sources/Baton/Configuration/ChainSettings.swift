import Middleware

/// `chains:` in `config.yml`: what some requests pass behind the chain of all, in the order of the file.
struct ChainSettings: Decodable {
    struct Chain: Sendable {
        let name: String
        let scopes: [Placed<ScopeSetting>]
        /// The names of the middleware, outermost first.
        let steps: [Placed<String>]
    }

    /// A scope in words.
    struct ScopeSetting: Decodable, Sendable {
        let scope: ChainScope

        init(from decoder: any Decoder) throws {
            let text = try decoder.singleValueContainer().decode(String.self)
            do throws(ChainScope.Mistake) {
                scope = try ChainScope(text)
            } catch {
                throw DecodingError.dataCorrupted(
                    DecodingError.Context(codingPath: decoder.codingPath, debugDescription: error.message)
                )
            }
        }
    }

    let chains: [Chain]

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Entry: Decodable {
        let scopes: [Placed<ScopeSetting>]
        let steps: [Placed<String>]

        private enum CodingKeys: CodingKey {
            case scope, steps
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            scopes = try container.decodeIfPresent(OneOrMore<Placed<ScopeSetting>>.self, forKey: .scope)?.elements ?? []
            steps = try container.decodeIfPresent([Placed<String>].self, forKey: .steps) ?? []
            // What is made up for a schema is no scope.
            guard !scopes.isEmpty || decoder is SchemaDecoder else {
                throw DecodingError.dataCorruptedError(
                    forKey: .scope,
                    in: container,
                    debugDescription: """
                        it says for which requests the chain is, and is missing: 'below /api', 'exactly /login' or \
                        'route /users/{id}'
                        """
                )
            }
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        chains = try container.allKeys.map { key in
            let entry = try container.decode(Entry.self, forKey: key)
            return Chain(name: key.stringValue, scopes: entry.scopes, steps: entry.steps)
        }
    }
}

/// A list that may be written without its brackets where it has one element.
struct OneOrMore<Element: Decodable>: Decodable {
    let elements: [Element]

    init(from decoder: any Decoder) throws {
        if let schema = decoder as? SchemaDecoder { schema.node.isSingleAllowed = true }
        if let decoder = decoder as? ConfigDecoder, decoder.isScalar {
            elements = [try Element(from: decoder)]
        } else {
            elements = try [Element](from: decoder)
        }
    }
}
