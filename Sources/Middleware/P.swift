let placeholder = 1
import JWTKit
