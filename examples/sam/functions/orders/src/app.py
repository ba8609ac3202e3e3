"""Orders, over HTTP."""

from fastapi import FastAPI
from mangum import Mangum

app = FastAPI()


@app.get("/items/{number}")
def get(number: int) -> dict[str, int]:
    """Answer with one order."""
    return {"id": number}


handler = Mangum(app, lifespan="off")
