"""The stores of objects of the clouds: how their URLs are spelled, and where fsspec finds them."""
