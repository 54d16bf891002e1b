// `import Baton` is all that a user writes: what handlers and middleware are made of comes with it.
@_exported public import ContextPool
@_exported public import EventServer
@_exported public import HTTPTypes
@_exported public import Logging
@_exported public import Middleware
