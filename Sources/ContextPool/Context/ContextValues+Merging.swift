extension ContextValues {
    /// Takes over what a job has changed.
    ///
    /// Three versions of each value take part: as it was when the job was submitted, as the job left it, and as it is here.
    /// Where only the job has changed it, the job's value is taken; where both have, it is a conflict.
    ///
    /// - Parameters:
    ///   - changes: What the job handed back.
    ///   - policy: Which side wins a conflict.
    /// - Returns: The conflicts, also those that the policy has decided; empty where there was none. Merging the same
    ///   changes again changes nothing, and is no conflict.
    public mutating func merge(
        _ changes: ContextChanges,
        onConflict policy: ContextMergePolicy = .keepOurs
    ) -> [ContextConflict] {
        var conflicts: [ContextConflict] = []
        for change in changes.changes {
            let index = copied.firstIndex { $0.id == change.id }
            let ours = index.map { copied[$0] }
            guard ours !== change.after else { continue }
            if ours !== change.before {
                conflicts.append(ContextConflict(change, ours: ours, resolution: policy))
                guard policy == .takeTheirs else { continue }
            }
            switch (index, change.after) {
            case (let index?, let after?): copied[index] = after
            case (nil, let after?): copied.append(after)
            case (let index?, nil): copied.remove(at: index)
            case (nil, nil): break
            }
        }
        return conflicts
    }
}

extension RequestContext {
    /// Takes over what a job has changed, in one step that no other task can come between.
    ///
    /// ```swift
    /// let future = try context.pool.submit(handingBack: true) { try enrich() }
    /// for conflict in context.merge(try await future.values) { context.logger.warning("\(conflict)") }
    /// ```
    ///
    /// - Parameters:
    ///   - changes: What the job handed back.
    ///   - policy: Which side wins where both have changed a value since the job was submitted.
    /// - Returns: Those values, whichever side has won.
    public func merge(
        _ changes: ContextChanges,
        onConflict policy: ContextMergePolicy = .keepOurs
    ) -> [ContextConflict] {
        updateValues { $0.merge(changes, onConflict: policy) }
    }
}
