/// What the line of one request tells, taken together before the lock of the log is taken.
struct AccessEntry {
    let bytes: Int?
    let client: String
    let duration: Int
    let method: String
    let path: String
    let requestID: String?
    let status: Int?
    let traceID: String?
    let user: String?
    /// The values of the header fields that are logged as well.
    let headers: [String?]

    /// What a column of the line shows.
    struct Column: Sendable {
        fileprivate enum Source: String, CaseIterable {
            case bytes, client, method, path, status, user
            case duration = "duration-us"
            case requestID = "request-id"
            case traceID = "trace-id"
        }

        /// `nil` for a column that shows a header field alone.
        fileprivate let source: Source?
        /// Which header field it shows; `nil` where it has a source, also where that has nothing: no client names its user.
        fileprivate let header: Int?
    }

    /// All columns with their names, sorted by these: the line is read by people, and looked through with grep.
    ///
    /// A header that is called like a field of the line, such as `user`, does not take its place.
    ///
    /// - Parameter headers: The names of the header fields that are logged as well.
    /// - Returns: The columns.
    static func columns(with headers: [String]) -> [(name: String, column: Column)] {
        Set(Column.Source.allCases.map(\.rawValue) + headers).sorted()
            .map { name in
                let source = Column.Source(rawValue: name)
                return (name, Column(source: source, header: source == nil ? headers.firstIndex(of: name) : nil))
            }
    }

    /// Passes on what stands in a column, text or number.
    ///
    /// Not as one value that is either: to wrap and unwrap it took as long as to write it.
    ///
    /// - Returns: What the closure returns; `nil` where nothing stands there.
    @inline(__always)
    func show<Result>(_ column: Column, text: (String) -> Result, number: (Int) -> Result) -> Result? {
        switch column.source {
        case .bytes?: if let bytes { return number(bytes) }
        case .client?: return text(client)
        case .duration?: return number(duration)
        case .method?: return text(method)
        case .path?: return text(path)
        case .requestID?: if let requestID { return text(requestID) }
        case .status?: if let status { return number(status) }
        case .traceID?: if let traceID { return text(traceID) }
        case .user?: if let user { return text(user) }
        case nil: break
        }
        guard let header = column.header else { return nil }
        return headers[header].map(text)
    }
}
