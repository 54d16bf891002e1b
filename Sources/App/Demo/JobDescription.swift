import Baton
import Foundation

/// What a client is told of a job.
struct JobDescription: Encodable {
    private enum CodingKeys: CodingKey {
        case id, name, state, fraction, message, result, error
    }

    private let job: KeptJob
    private let status: JobStatus

    init(_ job: KeptJob) { self.init(job, job.status) }

    init(_ job: KeptJob, _ status: JobStatus) {
        self.job = job
        self.status = status
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(job.id.description, forKey: .id)
        try container.encode(job.name, forKey: .name)
        try container.encode("\(status.state)", forKey: .state)
        try container.encode(status.progress.fraction, forKey: .fraction)
        try container.encode(status.progress.message, forKey: .message)
        switch status.result {
        case .success(let value as any Encodable): try container.encode(value, forKey: .result)
        case .failure(let error): try container.encode(Self.text(of: error), forKey: .error)
        default: break
        }
    }

    /// Only words that were meant for a client: others may tell too much.
    static func text(of error: any Error) -> String {
        switch error {
        case let error as HTTPError: error.message
        case is CancellationError: "cancelled"
        default: "failed"
        }
    }

    /// The description as the text of an event.
    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return try String(decoding: encoder.encode(self), as: UTF8.self)
        }
    }
}
