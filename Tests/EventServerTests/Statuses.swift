extension String {
    /// The status of each response in a text of several.
    var statuses: [Int] {
        let mark = Array("HTTP/1.1 ".utf8)
        let bytes = Array(utf8)
        return bytes.indices.filter { bytes[$0...].starts(with: mark) }
            .compactMap { index in
                Int(String(decoding: bytes[(index + mark.count)...].prefix(3), as: UTF8.self))
            }
    }
}
