import Foundation
import Middleware

extension Application {
    /// A JSON Schema of the configuration, with the options of all middleware that is registered or loaded.
    ///
    /// Editors complete and check `config.yml` by it: `# yaml-language-server: $schema=config.schema.json` in its first line.
    /// It comes from the types that the configuration is decoded to, and so is never older than they are.
    ///
    /// - Throws: ``ConfigurationError`` where a file that `plugins` names cannot be loaded; nothing else in the configuration matters.
    public var configurationSchema: String {
        get throws(ConfigurationError) {
            let plugins = loadPlugins()
            guard plugins.problems.isEmpty else { throw ConfigurationError(plugins.problems) }
            return Self.schema(of: plugins.registry)
        }
    }

    private static func schema(of registry: MiddlewareRegistry) -> String {
        var schema = SchemaDecoder.schema { _ = try Settings(from: $0) }.json
        let plugins = registry.names.map { name in
            (name: name, node: SchemaDecoder.schema { _ = try registry.decode(name, from: $0) })
        }
        var properties = schema["properties"] as? [String: Any] ?? [:]
        var middleware: [String: Any] = ["type": ["object", "null"]]
        middleware["properties"] = Dictionary(plugins.map { ($0.name, $0.node.json) }) { first, _ in first }
        // A second instance of a plug-in, under a name of its own.
        middleware["additionalProperties"] = ["anyOf": plugins.map { instance(of: $0.name, $0.node) }]
        properties["middleware"] = middleware
        let names: [String: Any] = ["anyOf": [["enum": registry.names], ["type": "string"]] as [[String: Any]]]
        let steps: [String: Any] = ["type": ["array", "null"], "items": names]
        properties["chain"] = steps
        if var chains = properties["chains"] as? [String: Any],
            var chain = chains["additionalProperties"] as? [String: Any],
            var parts = chain["properties"] as? [String: Any]
        {
            parts["steps"] = steps
            chain["properties"] = parts
            chain["required"] = ["scope"]
            chains["additionalProperties"] = chain
            properties["chains"] = chains
        }
        schema["properties"] = properties
        schema["$schema"] = "http://json-schema.org/draft-07/schema#"
        schema["title"] = "The configuration of Baton"
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = try? JSONSerialization.data(withJSONObject: schema, options: options)
        return String(decoding: data ?? Data(), as: UTF8.self)
    }

    private static func instance(of name: String, _ node: SchemaNode) -> [String: Any] {
        var schema = node.json
        var properties = schema["properties"] as? [String: Any] ?? [:]
        properties["use"] = ["const": name]
        schema["type"] = "object"
        schema["properties"] = properties
        schema["required"] = (schema["required"] as? [String] ?? []) + ["use"]
        return schema
    }
}
