"""Why a response failed: the codes of `error`, each with a message.

The codes are those of Azure's published contract and of the SDK's `ResponseError`,
which is newer; a service may send another. The messages are the emulator's, but for
that of `server_error`.
"""

from responses_emulator.http import Json

SERVER_ERROR = (
    "An error occurred while processing your request. You can retry your request, or "
    "contact us through an Azure support request at: "
    "https://go.microsoft.com/fwlink/?linkid=2213926 if the error persists."
)
MISALIGNMENT = "misalignment_policy_violation"
MESSAGES = {
    "server_error": SERVER_ERROR,
    "rate_limit_exceeded": "Rate limit is exceeded. Try again in 26 seconds.",
    "invalid_prompt": "The prompt was refused under the usage policies.",
    "data_residency_mismatch": "The data may not be processed in this region.",
    "bio_policy": "The request was refused under the policy on biology.",
    MISALIGNMENT: "The response was stopped because of what the model was doing.",
    "vector_store_timeout": "The search of the vector store took too long.",
    "invalid_image": "The image is not valid.",
    "invalid_image_format": "The image has a format that is not supported.",
    "invalid_base64_image": "The image is not valid Base64.",
    "invalid_image_url": "The address of the image is not valid.",
    "image_too_large": "The image has too many pixels.",
    "image_too_small": "The image has too few pixels.",
    "image_parse_error": "The image cannot be read.",
    "image_content_policy_violation": "The image breaks the content policy.",
    "invalid_image_mode": "The image has a colour mode that is not supported.",
    "image_file_too_large": "The file of the image is too large.",
    "unsupported_image_media_type": "The media type of the image is not supported.",
    "empty_image_file": "The file of the image is empty.",
    "failed_to_download_image": "The image could not be downloaded.",
    "image_file_not_found": "The file of the image was not found.",
}
CODES = tuple(MESSAGES)
OTHER = "The response failed."
# Why a file of a vector store is not indexed (openai-openapi#300, openai-node#1496)
INDEXING = {
    "server_error": "An internal error occurred.",
    "unsupported_file": "The file type is not supported.",
    "invalid_file": "The file could not be parsed.",
}


def error(code: str) -> Json:
    """The `error` of a failed response; what the model did, where that is the cause."""
    told: Json = {"code": code, "message": MESSAGES.get(code, OTHER)}
    if code == MISALIGNMENT:
        told["misalignment"] = {
            "error_type": "potentially_unintended_data_transfer",
            "detailed_explanation": "The model was about to send data to an address "
            "that the request does not mention.",
            "review_target": None,
            "steer": {"message": "Name the addresses to which data may be sent."},
        }
    return told
