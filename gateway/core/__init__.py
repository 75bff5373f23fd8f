"""The parts meet here: what is seen, what people do, what time brings, and what is shown to whom."""
