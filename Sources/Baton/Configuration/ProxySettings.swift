import EventServer

/// `server.proxies:` in `config.yml`.
struct ProxySettings: Decodable {
    var proxies = ServerConfiguration.Proxies()

    private enum CodingKeys: CodingKey {
        case trusted, sendProxyHeader, headers
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let trusted = try container.decodeIfPresent([RangeSetting].self, forKey: .trusted) ?? []
        proxies.trusted = trusted.map(\.range)
        proxies.sendProxyHeader = try container.decodeIfPresent(Bool.self, forKey: .sendProxyHeader) ?? false
        try Self.rejectHeaders(by: decoder, in: container)
        guard proxies.trusted.isEmpty, proxies.sendProxyHeader else { return }
        throw DecodingError.dataCorruptedError(
            forKey: .trusted,
            in: container,
            debugDescription: """
                no proxy is named, so that nothing would be believed. Name its address, such as 127.0.0.1, 10.0.0.0/8 or unix
                """
        )
    }

    /// Where it once stood: passed over, every client would be the proxy without a word about that.
    private static func rejectHeaders(
        by decoder: any Decoder,
        in container: KeyedDecodingContainer<CodingKeys>
    ) throws {
        // Not asked for, so that no advice and no schema names it.
        guard let decoder = decoder as? ConfigDecoder else { return }
        let path = (decoder.codingPath + [CodingKeys.headers]).map(\.stringValue)
        guard container.allKeys.contains(.headers) || decoder.session.override(at: path) != nil else { return }
        throw DecodingError.dataCorruptedError(
            forKey: .headers,
            in: container,
            debugDescription: """
                headers is now an option of the step proxy-headers. Take it out here; unless it was none, name proxy-headers in \
                chain, before all that asks for the client, and set middleware.proxy-headers.headers
                """
        )
    }

    private struct RangeSetting: Decodable {
        let range: AddressRange

        init(from decoder: any Decoder) throws { range = try decoder.decodeText(AddressRange.init) }
    }
}

extension Decoder {
    /// Decodes a text that `read` understands; what that says is wrong is reported at this place.
    func decodeText<Value>(_ read: (String) throws(ServerError) -> Value) throws -> Value {
        let text = try singleValueContainer().decode(String.self)
        do throws(ServerError) {
            return try read(text)
        } catch {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: codingPath, debugDescription: error.description)
            )
        }
    }
}

extension KeyedDecodingContainer {
    /// Decodes the permissions of a file, three octal figures with or without a zero before them.
    func decodeMode(_ key: Key, default fallback: UInt32) throws -> UInt32 {
        guard let text = try decodeIfPresent(String.self, forKey: key) else { return fallback }
        let figures = text.count == 4 && text.first == "0" ? text.dropFirst() : text[...]
        guard figures.count == 3, figures.allSatisfy({ ("0"..."7").contains($0) }), let mode = UInt32(figures, radix: 8)
        else {
            throw DecodingError.dataCorruptedError(
                forKey: key,
                in: self,
                debugDescription: "expected permissions such as 0660 or 0666, found \"\(text)\""
            )
        }
        return mode
    }
}
